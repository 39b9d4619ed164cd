"""Split terms and payment plans: amounts that sum to the whole, on dates that do not drift (design: money.md)."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from .money import ZERO, quantise, split


class Share(Enum):
    """What an amount of a part is measured by."""

    FIXED = "fixed"
    PERCENT_OF_TOTAL = "percent_of_total"
    PERCENT_OF_REMAINDER = "percent_of_remainder"
    REMAINDER = "remainder"

    @property
    def label(self) -> str:
        return {
            "fixed": "Fixed amount",
            "percent_of_total": "Percent of the total",
            "percent_of_remainder": "Percent of what is left",
            "remainder": "All that is left",
        }[self.value]


class Part(NamedTuple):
    """One part of split terms: `value` in percent or money; months first, then the day of the month, then days."""

    share: Share
    value: Decimal = ZERO
    months: int = 0
    days: int = 0
    day_of_month: int | None = None


class Instalment(NamedTuple):
    due_on: date
    amount: Decimal


class CannotSplit(ValueError):
    """These parts cannot sum to the whole. The text is a sentence."""


def add_months(day: date, months: int, anchor: int | None = None) -> date:
    """The same day of a later month, or its last day where that is earlier; `anchor` replaces the day."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor or day.day, last))


def part_due_on(part: Part, issued_on: date) -> date:
    return add_months(issued_on, part.months, part.day_of_month) + timedelta(days=part.days)


def split_by_terms(total: Decimal, parts: Sequence[Part], issued_on: date, currency: str) -> list[Instalment]:
    """The instalments of split terms, in the order of the parts. Raises CannotSplit when they miss the whole."""
    if not parts or parts[-1].share is not Share.REMAINDER:
        raise CannotSplit("The last part has to be the remainder, else the parts may not sum to the whole.")
    left, instalments = total, []
    for part in parts:
        amount = _amount(part, total, left, currency)
        if amount <= ZERO or amount > left:
            raise CannotSplit(f"A part of {amount} does not fit: {left} of {total} {currency} is left at that point.")
        instalments.append(Instalment(part_due_on(part, issued_on), amount))
        left -= amount
    if left:
        raise CannotSplit(f"These parts leave {left} {currency} over: only the last one may be the remainder.")
    return instalments


def refusal(parts: Sequence[Part]) -> str:
    """Why these parts cannot sum to the whole of any invoice, as a sentence; empty when they can.

    A fixed amount is judged at issue, when the total is known (`split_by_terms`).
    """
    if [part.share for part in parts].count(Share.REMAINDER) != 1 or parts[-1].share is not Share.REMAINDER:
        return "Exactly one part has to be all that is left, and it has to be the last; else the parts miss the whole."
    left = Decimal(100)
    for n, part in enumerate(parts, start=1):
        if part.day_of_month is not None and not 1 <= part.day_of_month <= 31:
            return f"Part {n} falls on day {part.day_of_month} of a month; give a day from 1 to 31, or none."
        if part.share is Share.REMAINDER:
            continue
        if part.value <= ZERO:
            return f"Part {n} would be {part.value:f}; every part but the last needs a figure above 0."
        if part.share is Share.PERCENT_OF_TOTAL:
            left -= part.value
        elif part.share is Share.PERCENT_OF_REMAINDER:
            left -= left * part.value / 100
        if left <= ZERO:
            return f"Nothing is left after part {n}: the parts before the last have to stay below 100 %."
    return ""


def _amount(part: Part, total: Decimal, left: Decimal, currency: str) -> Decimal:
    match part.share:
        case Share.FIXED:
            return quantise(part.value, currency)
        case Share.PERCENT_OF_TOTAL:
            return quantise(total * part.value / 100, currency)
        case Share.PERCENT_OF_REMAINDER:
            return quantise(left * part.value / 100, currency)
        case Share.REMAINDER:
            return left


class Frequency(Enum):
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"

    @property
    def label(self) -> str:
        return {"weekly": "Every week", "fortnightly": "Every two weeks", "monthly": "Every month"}[self.value]


def equal_instalments(
    total: Decimal, count: int, first_on: date, currency: str, *, frequency: Frequency = Frequency.MONTHLY
) -> list[Instalment]:
    """`total` in `count` parts: 100.00 in 3 is 33.34, 33.33, 33.33. Monthly dates are anchored on the first one:
    31 January, 28 February, 31 March. Raises CannotSplit when a part would be nothing.
    """
    if count < 1:
        raise CannotSplit("A plan needs at least one instalment.")
    amounts = split(total, [Decimal(1)] * count, currency)
    if amounts[-1] <= ZERO:
        raise CannotSplit(f"{total} {currency} cannot be split in {count} parts: some would be nothing.")
    return [Instalment(_nth(first_on, n, frequency), amount) for n, amount in enumerate(amounts)]


def _nth(first_on: date, n: int, frequency: Frequency) -> date:
    if frequency is Frequency.MONTHLY:
        return add_months(first_on, n)
    return first_on + timedelta(weeks=n if frequency is Frequency.WEEKLY else 2 * n)
