"""Issuing and receiving in bulk: the same rows that `services.issuing`, `receipts` and `ledger.post` write one by one.

A `Booking` collects the documents of one chunk and writes them at once. The caller owns the transaction and holds the
lock of every client concerned (`lock_clients`), so the amounts read before cannot have moved.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models
from django.utils import timezone

from ...models import (
    Allocation,
    AuditEvent,
    Client,
    Entry,
    EntryKind,
    Invoice,
    InvoicePart,
    InvoiceStatus,
    Receipt,
    SettlementItem,
)
from ...queries.among import among
from ...rules.money import ZERO, plain
from ...rules.schedule import Due
from ..audit import Actor, user_or_none
from ..bulk import insert_rows, next_ids
from ..following import follow_money
from ..ledger import require_open_period
from ..parts import keep_current_parts
from ..settling import FOLLOWED

_ISSUED, _RECEIVED, _ALLOCATED = EntryKind.ISSUED.value, EntryKind.RECEIVED.value, EntryKind.ALLOCATED.value


@dataclass(slots=True)
class Bill:
    """An invoice being booked: one that exists already, or one to be written (`pk` 0 until then)."""

    number: str
    client_id: int
    currency: str
    total_amount: Decimal
    open_amount: Decimal
    issued_on: date
    due_on: date
    terms_id: int | None = None
    reference: str = ""
    status: str = InvoiceStatus.ISSUED.value
    closed_on: date | None = None
    tax_amount: Decimal = ZERO  # part of the total; files do not say it
    discount_percent: Decimal | None = None
    discount_until: date | None = None
    discount_grace_days: int = 0
    is_discount_pro_rata: bool = False
    pk: int = 0
    current_part: int = 0  # 0: due in one sum
    original_due_on: date | None = None
    parts: tuple[Due, ...] = ()  # of an invoice to be written

    @property
    def printed_on(self) -> date:
        return self.original_due_on or self.due_on


@dataclass(slots=True)
class Money:
    """A receipt to be written, and how much of it goes to which invoice."""

    client_id: int
    received_on: date
    amount: Decimal
    currency: str
    method: str
    reference: str
    fingerprint: str
    shares: list[tuple[Bill, Decimal]] = field(default_factory=list)
    # False: history as another program tells it, where what it left open is open.
    can_earn: bool = True
    pk: int = 0

    @property
    def unapplied_amount(self) -> Decimal:
        return self.amount - sum((amount for _, amount in self.shares), ZERO)


BILL_FIELDS = tuple(name for name in Bill.__slots__ if name != "parts")


def lock_clients(codes: Collection[str] = (), ids: Collection[int] = ()) -> dict[str, Client]:
    """Clients by code, locked in the order of their keys until the transaction ends."""
    chosen = Client.objects.filter(pk__in=ids) if ids else Client.objects.filter(code__in=codes)
    return {client.code: client for client in chosen.select_for_update(no_key=True).order_by("pk")}


def bills(**where: Any) -> list[Bill]:
    """Invoices with a number, as they stand."""
    rows = Invoice.objects.filter(number__isnull=False, **where).values_list(*BILL_FIELDS)
    return [Bill(*row) for row in rows]


class Booking:
    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._new: list[Bill] = []
        self._moneys: list[Money] = []
        self._moved: dict[int, Bill] = {}  # by identity: existing invoices on which something was paid
        self._wake_on: dict[int, date] = {}

    def issue(self, bill: Bill) -> Bill:
        """Owe the bill's total from its date of issue on."""
        self._new.append(bill)
        self._look(bill.client_id, bill.issued_on)
        return bill

    def receive(self, money: Money) -> None:
        """Book a receipt and its shares, none of which is above what its invoice has open."""
        self._moneys.append(money)
        self._look(money.client_id, money.received_on)
        for bill, amount in money.shares:
            bill.open_amount -= amount
            bill.closed_on = None if bill.open_amount else max(money.received_on, bill.issued_on)
            self._moved[id(bill)] = bill

    def _look(self, client_id: int, on: date) -> None:
        self._wake_on[client_id] = min(on, self._wake_on.get(client_id, on))

    def write(self) -> None:
        """Write all that was collected: documents, entries, audit events, the amounts of invoices that existed.

        Raises PeriodLocked when a month was closed since the rows were looked at: nothing of the chunk is kept.
        """
        if days := [bill.issued_on for bill in self._new] + [money.received_on for money in self._moneys]:
            require_open_period(min(days))
        now = timezone.now()
        existing = [bill for bill in self._moved.values() if bill.pk]
        _number(Invoice, self._new)
        _number(Receipt, self._moneys)
        shares = [(money, bill, amount) for money in self._moneys for bill, amount in money.shares]
        ids = next_ids(Allocation, len(shares))
        allocated = list(zip(ids, shares, strict=True))
        by = user_or_none(self._actor)
        _insert_bills(self._new, now)
        _insert_parts(self._new)
        _insert_receipts(self._moneys, now)
        _insert_allocations(allocated, by.pk if by else None, now)
        _insert_entries(self._new, self._moneys, allocated, by.pk if by else None, now)
        self._insert_events(allocated, by.pk if by else None, now)
        _move(existing)
        keep_current_parts([bill.pk for bill in self._moved.values() if bill.current_part])
        self._wake()
        self._follow()

    def _follow(self) -> None:
        """The discounts and settlements that this money earns, row by row: few invoices have either."""
        paid_on: dict[int, date] = {}
        earning = [(money, bill) for money in self._moneys if money.can_earn for bill, _ in money.shares]
        for money, bill in earning:
            paid_on[bill.pk] = max(money.received_on, bill.issued_on, paid_on.get(bill.pk, date.min))
        items = SettlementItem.objects.filter(invoice__in=among(paid_on), settlement__status__in=FOLLOWED)
        ids = {bill.pk for _, bill in earning if bill.discount_percent}
        ids |= set(items.values_list("invoice_id", flat=True)) if paid_on else set()
        for invoice in Invoice.objects.filter(pk__in=ids).select_related("client").order_by("pk"):
            follow_money(invoice.client, [invoice], on=paid_on[invoice.pk], actor=self._actor)

    def _insert_events(self, allocated: Sequence[Any], by: int | None, now: datetime) -> None:
        head = (now, by, str(self._actor))
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
            for b in self._new
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
            for m in self._moneys
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

    def _wake(self) -> None:
        """As `ledger.wake`, for thousands of clients with as many dates: pipelined, not one statement per date."""
        asleep = Client.objects.filter(pk__in=self._wake_on).values_list("pk", "review_on")
        rows = [(self._wake_on[pk], pk) for pk, on in asleep if on is None or on > self._wake_on[pk]]
        _update_many(Client, ("review_on",), rows)


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


def _number(model: type, documents: Sequence[Bill | Money]) -> None:
    for document, pk in zip(documents, next_ids(model, len(documents)), strict=True):
        document.pk = pk


def _insert_bills(new: Sequence[Bill], now: datetime) -> None:
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


def _insert_parts(new: Sequence[Bill]) -> None:
    rows = [(bill.pk, part.position, part.due_on, part.amount) for bill in new for part in bill.parts]
    if rows:
        insert_rows(InvoicePart, ("invoice_id", "position", "due_on", "amount"), rows)


def _insert_receipts(moneys: Sequence[Money], now: datetime) -> None:
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


def _insert_allocations(allocated: Sequence[Any], by: int | None, now: datetime) -> None:
    fields = ("id", "receipt_id", "invoice_id", "amount", "allocated_on", "created_at", "created_by_id")
    rows = (
        (pk, money.pk, bill.pk, amount, max(money.received_on, bill.issued_on), now, by)
        for pk, (money, bill, amount) in allocated
    )
    insert_rows(Allocation, fields, rows)


def _insert_entries(
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


def _move(existing: Sequence[Bill]) -> None:
    """The stored open amounts of invoices that existed; their clients are locked, so what was read still holds."""
    _update_many(
        Invoice, ("open_amount", "closed_on"), [(bill.open_amount, bill.closed_on, bill.pk) for bill in existing]
    )


def _update_many(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set the named columns row by row; each row gives their values and then the key."""
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = [model._meta.get_field(name) for name in (*names, "id")]
    sets = ", ".join(f"{quote(column.column)} = %s" for column in columns[:-1])
    values = [[c.get_db_prep_save(v, connection) for c, v in zip(columns, row, strict=True)] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE id = %s", values)
