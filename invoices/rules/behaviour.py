"""How a client pays: days to pay and days late, weighted by amount (design: metrics.md, worked numbers there)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .money import ZERO


class Settled(NamedTuple):
    """One payment of one invoice: part payments are rows of their own."""

    issued_on: date
    due_on: date
    paid_on: date
    amount: Decimal
    invoice_id: int = 0


class Behaviour(NamedTuple):
    """Days are averages; None without history. `on_time_share` in percent of the amount paid."""

    weighted_days_to_pay: Decimal
    simple_days_to_pay: Decimal
    weighted_days_late: Decimal
    average_days_delinquent: Decimal
    on_time_share: Decimal


def behaviour(payments: Sequence[Settled]) -> Behaviour | None:
    """Paying early counts as negative days late, but as 0 in the average days delinquent."""
    total = sum((p.amount for p in payments), ZERO)
    if total <= ZERO:
        return None

    def weighted(days: dict[Settled, int]) -> Decimal:
        return sum((p.amount * days[p] for p in payments), ZERO) / total

    late = {p: (p.paid_on - p.due_on).days for p in payments}
    on_time = sum((p.amount for p in payments if late[p] <= 0), ZERO)
    return Behaviour(
        weighted_days_to_pay=weighted({p: (p.paid_on - p.issued_on).days for p in payments}),
        simple_days_to_pay=_simple_days_to_pay(payments),
        weighted_days_late=weighted(late),
        average_days_delinquent=weighted({p: max(0, days) for p, days in late.items()}),
        on_time_share=on_time / total * 100,
    )


def _simple_days_to_pay(payments: Sequence[Settled]) -> Decimal:
    """The plain average over invoices of the days until each was settled in full."""
    last: dict[int, int] = {}
    for p in payments:
        last[p.invoice_id] = max(last.get(p.invoice_id, 0), (p.paid_on - p.issued_on).days)
    return Decimal(sum(last.values())) / len(last)
