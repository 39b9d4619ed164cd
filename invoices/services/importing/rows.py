"""Rows of invoices, receipts, allocations, entries and events, many at a time. `booking` decides which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from ...models import Allocation, AuditEvent, Entry, EntryKind, Invoice, InvoicePart, Receipt
from ...rules.money import plain
from ..bulk import insert_rows, next_ids
from .documents import BILL_FIELDS, Bill, Money

_ISSUED, _RECEIVED, _ALLOCATED = EntryKind.ISSUED.value, EntryKind.RECEIVED.value, EntryKind.ALLOCATED.value


def write_events(
    new: Sequence[Bill], moneys: Sequence[Money], allocated: Sequence[Any], head: tuple[datetime, int | None, str]
) -> None:
    """The same audit events that the single services write; `head`: when, who, and his name."""
    events = [
        (
            *head,
            "invoice_issued",
            b.client_id,
            "invoice",
            b.pk,
            f"{b.number} issued over {_said(b.total_amount, b.currency)}",
            {},
            {},
        )
        for b in new
    ]
    events += [
        (
            *head,
            "receipt_recorded",
            m.client_id,
            "receipt",
            m.pk,
            f"Received {_said(m.amount, m.currency)}",
            {},
            {"reference": m.reference},
        )
        for m in moneys
    ]
    events += [
        (
            *head,
            "receipt_allocated",
            m.client_id,
            "allocation",
            pk,
            f"{_said(amount, m.currency)} allocated to {b.number}",
            {},
            {},
        )
        for pk, (m, b, amount) in allocated
    ]
    insert_events(events)


def insert_events(events: Iterable[Sequence[Any]]) -> None:
    """Audit events in bulk; each gives the fields in this order."""
    fields = (
        "at",
        "actor_id",
        "actor_label",
        "verb",
        "client_id",
        "subject_type",
        "subject_id",
        "text",
        "before",
        "after",
    )
    insert_rows(AuditEvent, fields, events)


def _said(amount: Decimal, currency: str) -> str:
    return f"{plain(amount, currency)} {currency}"


def number(model: type, documents: Sequence[Bill | Money]) -> None:
    for document, pk in zip(documents, next_ids(model, len(documents)), strict=True):
        document.pk = pk


def insert_bills(new: Sequence[Bill], now: datetime) -> None:
    own = ("net_amount", "cycle", "text", "created_at")
    rows = (
        (
            *(getattr(bill, name) for name in BILL_FIELDS if name != "pk"),
            bill.pk,
            bill.total_amount - bill.tax_amount,
            1,
            "",
            now,
        )
        for bill in new
    )
    insert_rows(Invoice, (*(name for name in BILL_FIELDS if name != "pk"), "id", *own), rows)


def insert_parts(new: Sequence[Bill]) -> None:
    rows = [(bill.pk, part.position, part.due_on, part.amount) for bill in new for part in bill.parts]
    if rows:
        insert_rows(InvoicePart, ("invoice_id", "position", "due_on", "amount"), rows)


def insert_receipts(moneys: Sequence[Money], now: datetime) -> None:
    fields = (
        "id",
        "client_id",
        "received_on",
        "amount",
        "currency",
        "unapplied_amount",
        "method",
        "reference",
        "fingerprint",
        "created_at",
    )
    rows = (
        (
            m.pk,
            m.client_id,
            m.received_on,
            m.amount,
            m.currency,
            m.unapplied_amount,
            m.method,
            m.reference,
            m.fingerprint,
            now,
        )
        for m in moneys
    )
    insert_rows(Receipt, fields, rows)


def insert_allocations(allocated: Sequence[Any], by: int | None, now: datetime) -> None:
    fields = ("id", "receipt_id", "invoice_id", "amount", "allocated_on", "created_at", "created_by_id")
    rows = (
        (pk, money.pk, bill.pk, amount, max(money.received_on, bill.issued_on), now, by)
        for pk, (money, bill, amount) in allocated
    )
    insert_rows(Allocation, fields, rows)


def insert_entries(
    new: Sequence[Bill], moneys: Sequence[Money], allocated: Sequence[Any], by: int | None, now: datetime
) -> None:
    fields = ("client_id", "invoice_id", "receipt_id", "allocation_id", "kind", "amount", "currency", "booked_on")
    rows: list[tuple[Any, ...]] = [
        (b.client_id, b.pk, None, None, _ISSUED, b.total_amount, b.currency, b.issued_on) for b in new
    ]
    rows += [(m.client_id, None, m.pk, None, _RECEIVED, -m.amount, m.currency, m.received_on) for m in moneys]
    for pk, (m, bill, amount) in allocated:
        on = max(m.received_on, bill.issued_on)
        rows.append((m.client_id, bill.pk, m.pk, pk, _ALLOCATED, -amount, m.currency, on))
        rows.append((m.client_id, None, m.pk, pk, _ALLOCATED, amount, m.currency, on))
    insert_rows(Entry, (*fields, "recorded_at", "recorded_by_id"), ((*row, now, by) for row in rows))


def move(existing: Sequence[Bill]) -> None:
    """The stored open amounts of invoices that existed; their clients are locked, so what was read still holds."""
    update_many(
        Invoice, ("open_amount", "closed_on"), [(bill.open_amount, bill.closed_on, bill.pk) for bill in existing]
    )


def update_many(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set the named columns row by row; each row gives their values and then the key."""
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = [model._meta.get_field(name) for name in (*names, "id")]
    sets = ", ".join(f"{quote(column.column)} = %s" for column in columns[:-1])
    values = [[c.get_db_prep_save(v, connection) for c, v in zip(columns, row, strict=True)] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE id = %s", values)
