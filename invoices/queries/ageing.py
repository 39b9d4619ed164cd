"""Open items as of any date, from the entries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Sum

from ..models import Entry
from ..rules.ageing import AgedBalance, AgedItem, age
from ..rules.money import ZERO, quantise

# One pass over the entries; the join brings only items that were open on the day.
OPEN_ON = """
    SELECT c.code, i.currency, i.due_on, e.amount
    FROM (
        SELECT invoice_id, SUM(amount) AS amount
        FROM invoices_entry
        WHERE invoice_id IS NOT NULL AND booked_on <= %s
        GROUP BY invoice_id
        HAVING SUM(amount) > 0
    ) e
    JOIN invoices_invoice i ON i.id = e.invoice_id
    JOIN invoices_client c ON c.id = i.client_id
"""


def items_open_on(as_of: date) -> Iterator[AgedItem]:
    """Every item open at the end of `as_of`: drafts never, a receipt of that day counts as paid."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_ON, [as_of.isoformat() if connection.vendor == "sqlite" else as_of])
        while rows := cursor.fetchmany(5000):
            for code, currency, due_on, amount in rows:
                due = date.fromisoformat(due_on) if isinstance(due_on, str) else due_on
                # SQLite sums in floating point; the currency's own rounding restores the exact amount.
                exact = quantise(Decimal(str(amount)), currency)
                if exact > 0:
                    yield AgedItem(code, currency, due, exact)


def credit_on(as_of: date) -> dict[tuple[str, str], Decimal]:
    """(client code, currency) -> money on account at the end of `as_of`, as a positive amount."""
    sums = (
        Entry.objects.filter(invoice__isnull=True, booked_on__lte=as_of)
        .values_list("client__code", "currency")
        .annotate(amount=Sum("amount"))
        .order_by()
    )
    exact = {(code, currency): -quantise(amount, currency) for code, currency, amount in sums}
    return {key: amount for key, amount in exact.items() if amount > ZERO}


def aged_balances(as_of: date) -> tuple[dict[str, AgedBalance], dict[tuple[str, str], AgedBalance]]:
    """The ageing report: by currency, and by (client code, currency). Credit stands in a column of its own."""
    totals, clients = age(items_open_on(as_of), as_of)
    for (code, currency), amount in credit_on(as_of).items():
        totals.setdefault(currency, AgedBalance()).credit += amount
        clients.setdefault((code, currency), AgedBalance()).credit += amount
    return totals, clients
