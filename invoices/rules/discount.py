"""The settlement discount: less to pay if early (2/10 net 30). Design: money.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from .money import ZERO, quantise


class Offer(NamedTuple):
    """`percent` off when paid by `last_on`, that day included; `grace_days` are ours and not printed."""

    percent: Decimal
    last_on: date
    grace_days: int = 0
    is_pro_rata: bool = False


class Paid(NamedTuple):
    on: date
    amount: Decimal


def discounted(total: Decimal, offer: Offer, currency: str) -> Decimal:
    """What settles the invoice in time: 1,000 at 2 % is 980.00."""
    return total - discount(total, offer, currency)


def discount(total: Decimal, offer: Offer, currency: str) -> Decimal:
    return quantise(total * offer.percent / 100, currency)


def earned(total: Decimal, offer: Offer, paid: Sequence[Paid], currency: str) -> Decimal:
    """The discount earned by these receipts. Full only: all of it once they reach the discounted total in time, else
    nothing. Pro rata: each payment in time settles itself and its share, never more than the whole.
    """
    last_on = offer.last_on + timedelta(days=offer.grace_days)
    in_time = sum((p.amount for p in paid if p.on <= last_on), ZERO)
    whole = discount(total, offer, currency)
    if in_time >= total - whole:
        return whole
    if not offer.is_pro_rata or in_time <= ZERO:
        return ZERO
    return min(whole, quantise(in_time * offer.percent / (100 - offer.percent), currency))


def missed_by(total: Decimal, offer: Offer, paid: Sequence[Paid], currency: str) -> int | None:
    """How many days too late the discounted total was reached; None when it was in time or never reached."""
    reached, needed = ZERO, discounted(total, offer, currency)
    for payment in sorted(paid):
        reached += payment.amount
        if reached >= needed:
            late = (payment.on - offer.last_on).days - offer.grace_days
            return late if late > 0 else None
    return None


def yearly_rate(offer_percent: Decimal, discount_days: int, net_days: int) -> Decimal:
    """What waiting costs the client, in percent a year: 2/10 net 30 is 37.24. Raises ValueError on equal days."""
    if net_days <= discount_days:
        raise ValueError("The discount has to end before the invoice is due.")
    rate = offer_percent / (100 - offer_percent) * Decimal(365) / (net_days - discount_days) * 100
    return rate.quantize(Decimal("0.01"), ROUND_HALF_UP)
