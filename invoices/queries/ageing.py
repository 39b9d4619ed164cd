"""The ageing report as of any date, summed in the database: by currency, and by client and currency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from ..models import Entry
from ..rules.ageing import BUCKETS, AgedBalance, Bucket, days_past_due
from ..rules.money import ZERO, quantise
from .open_on import COUNTS, SUMS, amounts, as_date, fetched, open_on

Totals = dict[str, AgedBalance]
ByClient = dict[tuple[str, str], AgedBalance]

FIGURES = f"MIN(o.due_on), {COUNTS}, {SUMS}"


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


def aged_totals(as_of: date) -> Totals:
    """Currency -> its open items by bucket. Credit stands in a column of its own; currencies are never added."""
    items, values = open_on(as_of)
    sql = f"SELECT o.currency, {FIGURES} FROM ({items}) o GROUP BY o.currency"
    totals = {currency: _balance(figures, currency, as_of) for currency, *figures in fetched(sql, values)}
    for (_, currency), amount in credit_on(as_of).items():
        totals.setdefault(currency, AgedBalance()).credit += amount
    return totals


def aged_balances(as_of: date) -> tuple[Totals, ByClient]:
    """The ageing report: by currency, and by (client code, currency)."""
    items, values = open_on(as_of)
    # Codes are joined to the sums, not to a million items.
    sql = f"""
        SELECT c.code, s.* FROM (
            SELECT o.client_id, o.currency, {FIGURES} FROM ({items}) o GROUP BY o.client_id, o.currency
        ) s JOIN invoices_client c ON c.id = s.client_id
    """
    clients: ByClient = {
        (code, currency): _balance(figures, currency, as_of) for code, _, currency, *figures in fetched(sql, values)
    }
    for key, amount in credit_on(as_of).items():
        clients.setdefault(key, AgedBalance()).credit += amount
    totals: Totals = {}
    for (_, currency), balance in clients.items():
        totals.setdefault(currency, AgedBalance()).include(balance)
    return totals, clients


def _balance(figures: Sequence[Any], currency: str, as_of: date) -> AgedBalance:
    """From the columns of FIGURES."""
    oldest, counts = figures[0], figures[1 : 1 + len(BUCKETS)]
    sums = amounts(figures[1 + len(BUCKETS) :], currency)
    return AgedBalance(
        open_items=sum(counts),
        open_amount=sum(sums, ZERO),
        overdue_amount=sum(sums[1:], ZERO),
        oldest_days_past_due=days_past_due(as_date(oldest), as_of),
        buckets={name: Bucket(*of) for name, *of in zip(BUCKETS, counts, sums, strict=True)},
    )
