"""Who may give money away: limits stand in the currency of the books, and currencies are never compared."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Limit(NamedTuple):
    amount: Decimal
    currency: str


def needs_second_person(amount: Decimal, currency: str, limit: Limit) -> bool:
    """Above the limit, and always in another currency than the limit's: nobody said what it is worth."""
    return currency != limit.currency or amount > limit.amount


def is_small_difference(open_amount: Decimal, total: Decimal, currency: str, tolerance: Limit) -> bool:
    """What is left open is no more than the tolerance, and only a rest: something of the item was paid."""
    return currency == tolerance.currency and 0 < open_amount <= tolerance.amount and open_amount < total
