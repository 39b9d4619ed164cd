"""Settlements: a smaller sum in full discharge. Who may agree it, and how it falls on the items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from .limits import Limit, needs_second_person
from .money import ZERO, is_whole, plain, split

LONGEST_DAYS = 90


class Asked(NamedTuple):
    """What is to be settled: the items' open amounts, all in one currency, and the sum that discharges them."""

    open_amounts: Sequence[Decimal]
    amount: Decimal
    currency: str
    expires_on: date

    @property
    def open_amount(self) -> Decimal:
        return sum(self.open_amounts, ZERO)

    @property
    def waived(self) -> Decimal:
        return self.open_amount - self.amount


class Authority(NamedTuple):
    """Up to both, one person agrees a settlement alone: the share of what is open, and the write-off limit."""

    percent: int
    limit: Limit


def shares(asked: Asked) -> list[Decimal]:
    """Each item's part of the smaller sum, by what it has open (largest remainder): 800.00 on 333.33, 333.33 and
    333.34 is 266.67, 266.66, 266.67. Never above what the item has open.
    """
    return split(asked.amount, asked.open_amounts, asked.currency)


def waived_percent(open_amount: Decimal, amount: Decimal) -> Decimal:
    """For people, to a tenth: 800 of 1,000 waives 20.0."""
    return ((open_amount - amount) / open_amount * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)


def needs_manager(asked: Asked, authority: Authority) -> bool:
    """Above the share (compared unrounded), above the limit, or in a currency that the limit does not speak of."""
    is_above = asked.waived * 100 > asked.open_amount * authority.percent
    return is_above or needs_second_person(asked.waived, asked.currency, authority.limit)


def refusal(asked: Asked, today: date) -> str | None:
    """Why this cannot be offered at all, as a sentence; None when it can."""
    whole = f"{plain(asked.open_amount, asked.currency)} {asked.currency}"
    if not asked.open_amounts:
        return "Choose at least one open item to settle."
    if asked.amount <= ZERO or not is_whole(asked.amount, asked.currency):
        return f"{asked.amount} is not an amount in {asked.currency}; enter one above 0."
    if asked.amount >= asked.open_amount:
        return f"A settlement is for less than what is open, {whole}; enter a smaller amount."
    if asked.expires_on < today:
        return f"{asked.expires_on:%d %B %Y} is past; let the offer expire on a day from today on."
    if asked.expires_on > (last := today + timedelta(days=LONGEST_DAYS)):
        return f"An offer keeps its items silent, so the latest day is {last:%d %B %Y}."
    return None
