"""Fill an empty database with open invoices, so that the books agree: clients, contacts, invoices, issue entries."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction
from django.db.models import NOT_PROVIDED
from django.utils import timezone

from invoices.models import Client, Contact, Entry, EntryKind, Invoice, InvoiceStatus
from invoices.services.bulk import insert_rows, next_ids

CURRENCIES = ("GBP", "EUR", "EUR", "USD")
CLIENT_FIELDS = ("id", "code", "name", "legal_name", "currency", "country", "time_zone", "address")
CONTACT_FIELDS = ("client_id", "name", "first_name", "email", "is_primary", "portal_id")
INVOICE_FIELDS = (
    "id", "client_id", "status", "number", "issued_on", "due_on", "currency",
    "net_amount", "total_amount", "open_amount",
)  # fmt: skip
ENTRY_FIELDS = ("client_id", "invoice_id", "kind", "amount", "currency", "booked_on")


def insert(model: type[models.Model], fields: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """As `insert_rows`; every column that is not named takes the model's default, and times are now."""
    unnamed = [f for f in model._meta.concrete_fields if f.attname not in fields and not f.primary_key]
    rest = [f for f in unnamed if f.db_default is NOT_PROVIDED]  # the database fills in the others
    same = tuple(timezone.now() if getattr(f, "auto_now_add", False) else f.get_default() for f in rest)
    insert_rows(model, (*fields, *(f.attname for f in rest)), ((*row, *same) for row in rows))


@transaction.atomic
def fill(invoices: int, clients: int, on: date) -> None:
    """All are overdue on `on`, by 1 to 60 days; client n has the invoices n, n + clients, n + 2 x clients ..."""
    client_ids = next_ids(Client, clients)
    insert(Client, CLIENT_FIELDS, (_client(n, pk) for n, pk in enumerate(client_ids)))
    insert(Contact, CONTACT_FIELDS, (_contact(n, pk) for n, pk in enumerate(client_ids)))
    invoice_ids = next_ids(Invoice, invoices)
    insert(Invoice, INVOICE_FIELDS, _invoices(invoice_ids, client_ids, on))
    insert(Entry, ENTRY_FIELDS, _entries(invoice_ids, client_ids, on))


def analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _client(n: int, pk: int) -> tuple[Any, ...]:
    name = f"Client {n:06d} Ltd"
    return (pk, f"C{n:06d}", name, name, CURRENCIES[n % 4], "GB", "Europe/London", f"{name}\n1 High Street\nLondon")


def _contact(n: int, client_id: int) -> tuple[Any, ...]:
    return (client_id, f"Person {n:06d}", "Alex", f"accounts@c{n:06d}.example", True, f"benchmark{n:011d}")


def _facts(n: int, on: date) -> tuple[date, Decimal]:
    """Due date and amount, spread evenly."""
    return on - timedelta(days=1 + n * 7 % 60), Decimal(5000 + n * 7919 % 995_000) / 100


def _invoices(ids: list[int], clients: list[int], on: date) -> Iterator[tuple[Any, ...]]:
    status = InvoiceStatus.ISSUED.value
    for n, pk in enumerate(ids):
        at = n % len(clients)
        due_on, amount = _facts(n, on)
        head = (pk, clients[at], status, f"B-{n:07d}", due_on - timedelta(days=30), due_on, CURRENCIES[at % 4])
        yield (*head, amount, amount, amount)


def _entries(ids: list[int], clients: list[int], on: date) -> Iterator[tuple[Any, ...]]:
    kind = EntryKind.ISSUED.value
    for n, pk in enumerate(ids):
        at = n % len(clients)
        due_on, amount = _facts(n, on)
        yield (clients[at], pk, kind, amount, CURRENCIES[at % 4], due_on - timedelta(days=30))


def write_csv(path: Path, rows: int, on: date) -> None:
    """Invoices as a bookkeeping program exports them: of clients of their own, ten each."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["number", "client", "issued_on", "due_on", "amount", "currency"])
        for n in range(rows):
            due_on, amount = _facts(n, on)
            issued_on = due_on - timedelta(days=30)
            out.writerow(
                [f"IMP-{n:07d}", f"IMP{n // 10:06d}", issued_on.isoformat(), due_on.isoformat(), amount, "GBP"]
            )
