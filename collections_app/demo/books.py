"""One day of the demo's books: invoices issued and money booked, through the bulk writer that imports use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from django.db import transaction
from django.db.models import F

from invoices.models import InvoiceLine, NumberSeries
from invoices.rules.money import ZERO
from invoices.rules.references import client_reference, in_fours
from invoices.services.audit import Actor
from invoices.services.bulk import insert_rows
from invoices.services.importing.booking import Booking, lock_clients
from invoices.services.importing.documents import Bill, Money, bills

from .company import PlannedInvoice
from .people import PlannedClient

LINE_FIELDS = (
    "invoice_id",
    "position",
    "description",
    "quantity",
    "unit_price",
    "discount_percent",
    "tax_rate",
    "tax_category",
    "kind",
    "net_amount",
)
Payment = tuple[PlannedInvoice, Decimal]


@transaction.atomic
def book_day(
    day: date, issued: Sequence[PlannedInvoice], paid: Sequence[Payment], *, terms: dict[str, int], actor: Actor
) -> None:
    """Everything of one business day at once."""
    lock_clients(ids={one.client.pk for one in issued} | {one.client.pk for one, _ in paid})
    booking = Booking(actor)
    new = [booking.issue(_bill(one, number, terms)) for one, number in zip(issued, _numbers(issued), strict=True)]
    for money in _moneys(day, paid):
        booking.receive(money)
    booking.write()
    insert_rows(InvoiceLine, LINE_FIELDS, _lines(issued, new))


def _numbers(issued: Sequence[PlannedInvoice]) -> Iterable[str]:
    """The next numbers of the series, which the lock on its row keeps without gaps."""
    row = NumberSeries.objects.select_for_update().get(code="invoice")
    NumberSeries.objects.filter(pk=row.pk).update(next_value=F("next_value") + len(issued))
    for n, one in enumerate(issued):
        one.number = f"{row.prefix}{row.next_value + n:0{row.digits}d}"
        yield one.number


def _bill(one: PlannedInvoice, number: str, terms: dict[str, int]) -> Bill:
    return Bill(
        number=number,
        client_id=one.client.pk,
        currency=one.currency,
        total_amount=one.totals.total,
        open_amount=one.totals.total,
        issued_on=one.issued_on,
        due_on=one.due_on,
        terms_id=terms[one.client.terms],
        reference=one.reference,
        tax_amount=one.totals.tax,
    )


def _lines(issued: Sequence[PlannedInvoice], new: Sequence[Bill]) -> Iterable[tuple[object, ...]]:
    for one, bill in zip(issued, new, strict=True):
        for position, line in enumerate(one.lines, start=1):
            yield (bill.pk, position, line.description, *line.amounts, line.net)


def _moneys(day: date, paid: Sequence[Payment]) -> Iterable[Money]:
    """One receipt a client for all that he pays on this day. What an invoice no longer owes stays on account."""
    standing = {bill.number: bill for bill in bills(number__in=[one.number for one, _ in paid])}
    in_order = sorted(paid, key=lambda payment: (payment[0].client.code, payment[0].number))
    for client, payments in groupby(in_order, key=lambda payment: payment[0].client):
        told: dict[str, Decimal] = defaultdict(Decimal)
        for one, amount in payments:
            if standing[one.number].open_amount > ZERO:  # paid in the meantime: he noticed
                told[one.number] += amount
        if told:
            yield _money(day, client, told, standing)


def _money(day: date, client: PlannedClient, told: dict[str, Decimal], standing: dict[str, Bill]) -> Money:
    shares = [(standing[number], min(amount, standing[number].open_amount)) for number, amount in told.items()]
    numbers = " ".join(told)
    reference = numbers if len(numbers) < 60 else in_fours(client_reference(client.pk))
    currency, amount = client.country.currency, sum(told.values(), ZERO)
    return Money(client.pk, day, amount, currency, client.method, reference, f"demo:{day}:{client.code}", shares)
