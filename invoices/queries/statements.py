"""The statement of account of one client, per currency, from the entries: what moved, and what was open at the end.

Closing = opening + movements = open items at the end - money on account at the end. All of it follows `booked_on`:
an entry counts from the day it is booked on, whenever it was written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Q, QuerySet, Sum

from ..models import Client, Entry, EntryKind, Invoice, InvoiceKind
from ..rules.ageing import AgedBalance, days_past_due
from ..rules.money import ZERO, quantise
from ..rules.periods import Period
from ..rules.statement import Movement, Statement, statement
from .among import among
from .schedules import pieces_on

# Two entries of one day that cancel each other: money moves from "on account" to an invoice, the balance stays. Not so
# where one client pays for another: then each of them has one of the two.
PAIRS = (EntryKind.ALLOCATED, EntryKind.UNALLOCATED)
ACROSS = Q(invoice__isnull=False, receipt__isnull=False) & ~Q(receipt__client=F("client")) | Q(
    invoice__isnull=True, allocation__isnull=False
) & ~Q(allocation__invoice__client=F("client"))


class OpenItem(NamedTuple):
    """An invoice or charge as it stood at the end of the period."""

    invoice_id: int
    number: str
    reference: str
    issued_on: date
    due_on: date
    days_past_due: int
    total_amount: Decimal
    open_amount: Decimal


class Credit(NamedTuple):
    """Money on account at the end of the period, above zero."""

    on: date
    document: str
    amount: Decimal


class CurrencyStatement(NamedTuple):
    currency: str
    movements: Statement
    open_items: tuple[OpenItem, ...]
    credits: tuple[Credit, ...]
    ageing: AgedBalance

    @property
    def closing(self) -> Decimal:
        return self.movements.closing

    @property
    def in_favour(self) -> Decimal:
        """What the client has with us beyond what he owes."""
        return max(-self.closing, ZERO)

    @property
    def is_empty(self) -> bool:
        return not (self.movements.rows or self.movements.opening or self.open_items or self.credits)


class AccountStatement(NamedTuple):
    client: Client
    period: Period
    currencies: tuple[CurrencyStatement, ...]


def account_statement(client: Client, period: Period, known_at: datetime | None = None) -> AccountStatement:
    """The client's own currency first; currencies in which nothing ever happened by the end are left out.

    `known_at` leaves out what was written down later, so that a statement can be made again as it was sent.
    Five queries. Raises ValueError when the period is upside down.
    """
    entries = Entry.objects.filter(client=client, booked_on__lte=period.last_on)
    if known_at:
        entries = entries.filter(recorded_at__lte=known_at)
    movements = _movements(entries, period)
    open_items, credits = _open_items(entries, period.last_on), _credits(entries)
    currencies = sorted({*movements, *open_items, *credits}, key=lambda code: (code != client.currency, code))
    found = [
        CurrencyStatement(
            code,
            statement(movements.get(code, []), *period),
            tuple(open_items.get(code, ())),
            tuple(credits.get(code, ())),
            _aged(open_items.get(code, ()), credits.get(code, ())),
        )
        for code in currencies
    ]
    return AccountStatement(client, period, tuple(one for one in found if not one.is_empty))


def _movements(entries: QuerySet[Entry], period: Period) -> dict[str, list[Movement]]:
    """Per currency: what stood before the period as one movement, then each document's own."""
    found: dict[str, list[Movement]] = {}
    before = entries.filter(booked_on__lt=period.first_on).values_list("currency").annotate(sum=Sum("amount"))
    for currency, amount in before.order_by():
        # Adding zero takes away the sign of a -0.00, which SQLite's floating sums may leave.
        exact = quantise(amount, currency) + ZERO
        brought = Movement(period.first_on - timedelta(days=1), "Brought forward", "", exact)
        found[currency] = [brought]
    rows = entries.filter(~Q(kind__in=PAIRS) | ACROSS, booked_on__gte=period.first_on).order_by("booked_on", "pk")
    documents = ("invoice", "receipt__client", "credit_note", "allocation__invoice__client")
    for currency, movement in _by_document(rows.select_related(*documents)):
        found.setdefault(currency, []).append(movement)
    return found


def _by_document(rows: Iterable[Entry]) -> Iterator[tuple[str, Movement]]:
    """A document that moved an invoice and the money on account on one day is one line, at its full amount."""
    sums: dict[tuple[object, ...], tuple[Entry, Decimal]] = {}
    for row in rows:
        owner = row.write_off_id, row.credit_note_id, row.receipt_id, row.discount_id
        paid_for = row.allocation.invoice.client_id if row.allocation and not row.invoice else 0
        key = (row.booked_on, row.kind, paid_for, *(owner if any(owner) else (row.invoice_id,)))
        first, amount = sums.get(key, (row, ZERO))
        sums[key] = first, amount + row.amount
    for row, amount in sums.values():
        if amount:
            exact = quantise(amount, row.currency)
            yield row.currency, Movement(row.booked_on, _what(row), document_of(row), exact)


def _what(row: Entry) -> str:
    if row.kind == EntryKind.ISSUED:
        return "Late charge" if row.invoice.kind == InvoiceKind.CHARGE else "Invoice"
    if row.kind == EntryKind.RECEIVED:
        return f"Receipt, {row.receipt.get_method_display().lower()}"
    if row.kind in PAIRS:
        who = f"by {row.receipt.client}" if row.invoice else f"for {row.allocation.invoice.client}"
        return f"Paid {who}" if row.kind == EntryKind.ALLOCATED else f"Payment {who} taken back"
    return row.get_kind_display()


def document_of(row: Entry) -> str:
    """The number or reference by which the client knows what the entry is about."""
    if row.credit_note:
        return row.credit_note.number
    if row.invoice and not row.receipt:
        return row.invoice.number or ""
    return str(row.receipt or "")


def _open_items(entries: QuerySet[Entry], last_on: date) -> dict[str, list[OpenItem]]:
    """What was open at the end, the oldest due first, each part by its own date. A receipt of that day counts."""
    sums = entries.filter(invoice__isnull=False).values_list("invoice_id").annotate(sum=Sum("amount")).order_by()
    # Half of the smallest unit: SQLite sums in floating point.
    still_open = {pk: Decimal(amount) for pk, amount in sums.filter(sum__gt=Decimal("0.0005"))}
    found: dict[str, list[OpenItem]] = {}
    rows = Invoice.objects.filter(pk__in=among(still_open))
    amounts = ((row, quantise(still_open[row.pk], row.currency)) for row in rows)
    for row, due_on, amount, whole in pieces_on(amounts, last_on):
        days = days_past_due(due_on, last_on)
        item = OpenItem(row.pk, row.number or "", row.reference, row.issued_on, due_on, days, whole, amount)
        found.setdefault(row.currency, []).append(item)
    return found


def _credits(entries: QuerySet[Entry]) -> dict[str, list[Credit]]:
    """Money on account at the end, by receipt or credit note."""
    names = ("currency", "receipt__received_on", "receipt__reference", "receipt_id")
    more = ("credit_note__issued_on", "credit_note__number", "credit_note_id")
    sums = entries.filter(invoice__isnull=True).values_list(*names, *more).annotate(sum=Sum("amount")).order_by()
    found: dict[str, list[Credit]] = {}
    for currency, received_on, reference, receipt_id, issued_on, number, _, amount in sums:
        on_account = -quantise(amount, currency)
        if on_account:
            document = number or reference or f"Receipt {receipt_id}"
            found.setdefault(currency, []).append(Credit(issued_on or received_on, document, on_account))
    return {currency: sorted(credits) for currency, credits in found.items()}


def _aged(items: Iterable[OpenItem], credits: Iterable[Credit]) -> AgedBalance:
    balance = AgedBalance(credit=sum((credit.amount for credit in credits), ZERO))
    for item in items:
        balance.add(item.open_amount, item.days_past_due)
    return balance
