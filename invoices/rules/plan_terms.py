"""Making a payment plan: instalments that come to the whole, and who may agree them alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from .instalments import CannotSplit, Frequency, Instalment, add_months, equal_instalments
from .money import ZERO, is_whole, plain

MOST_INSTALMENTS = 60
FIRST_WITHIN_DAYS = 31  # a client's own first instalment, from the day it is agreed


class Wanted(NamedTuple):
    """How a plan is to be split. Without `given`: `parts` equal instalments after the down payment."""

    first_on: date
    frequency: Frequency = Frequency.MONTHLY
    parts: int = 0
    given: tuple[Instalment, ...] = ()
    down_amount: Decimal = ZERO
    down_on: date | None = None


class Schedule(NamedTuple):
    """The instalments in order of their dates; `has_down_payment`: the first one is it (position 0)."""

    instalments: tuple[Instalment, ...]
    has_down_payment: bool

    @property
    def last_on(self) -> date:
        return self.instalments[-1].due_on

    @property
    def positions(self) -> list[tuple[int, Instalment]]:
        return list(enumerate(self.instalments, start=0 if self.has_down_payment else 1))


def schedule(total: Decimal, wanted: Wanted, currency: str) -> Schedule:
    """The instalments of `total`. Raises CannotSplit, with a sentence, when they do not come to it exactly."""
    down = wanted.down_amount
    if not is_whole(down, currency) or down < ZERO:
        raise CannotSplit(f"{down} is not an amount in {currency} that can be paid down.")
    if down >= total:
        raise CannotSplit(f"A down payment of {_money(down, currency)} leaves nothing of {_money(total, currency)}.")
    if wanted.parts > MOST_INSTALMENTS or len(wanted.given) > MOST_INSTALMENTS:
        raise CannotSplit(f"A plan has at most {MOST_INSTALMENTS} instalments.")
    rest = total - down
    if wanted.given:
        rows = _checked(wanted.given, rest, currency)
    else:
        rows = tuple(equal_instalments(rest, wanted.parts, wanted.first_on, currency, frequency=wanted.frequency))
    if not down:
        return Schedule(rows, False)
    down_on = wanted.down_on or rows[0].due_on
    if down_on > rows[0].due_on:
        raise CannotSplit("The down payment comes first: its date has to be on or before the first instalment's.")
    return Schedule((Instalment(down_on, down), *rows), True)


def _checked(given: Sequence[Instalment], rest: Decimal, currency: str) -> tuple[Instalment, ...]:
    for one in given:
        if one.amount <= ZERO or not is_whole(one.amount, currency):
            raise CannotSplit(f"{one.amount} is not an amount in {currency}; an instalment is above 0.")
    if any(a.due_on >= b.due_on for a, b in pairwise(given)):
        raise CannotSplit("Each instalment has to fall due after the one before it.")
    total = sum((one.amount for one in given), ZERO)
    if total != rest:
        word = "missing" if total < rest else "too much"
        raise CannotSplit(
            f"The instalments come to {_money(total, currency)}, and {_money(rest, currency)} is to be paid: "
            f"{_money(abs(rest - total), currency)} is {word}."
        )
    return tuple(given)


def _money(amount: Decimal, currency: str) -> str:
    return f"{plain(amount, currency)} {currency}"


# --- who may agree one ------------------------------------------------------------------------------------------------


class Who(StrEnum):
    CLIENT = "client"
    STAFF = "staff"


class PlanLimits(NamedTuple):
    """What one person may agree alone: the amount stands in the currency of the books, the payoff in percent."""

    amount: Decimal
    currency: str
    months: int
    payoff_percent: Decimal


class Asked(NamedTuple):
    """The figures of a plan that the limits are about."""

    total: Decimal
    currency: str
    first_on: date
    last_on: date
    payoff_percent: Decimal = ZERO


def beyond_limits(asked: Asked, limits: PlanLimits, who: Who, today: date) -> list[str]:
    """Why this needs another person, a sentence each; empty: it may be agreed alone.

    What staff agree beyond them waits for a manager. What a client asks for beyond them becomes a request.
    """
    found = []
    if asked.currency != limits.currency:
        found.append(f"The limit of {_money(limits.amount, limits.currency)} is in another currency.")
    elif asked.total > limits.amount:
        most = _money(limits.amount, limits.currency)
        found.append(f"{_money(asked.total, asked.currency)} is above the limit of {most}.")
    if asked.last_on > add_months(today, limits.months):
        found.append(f"It runs until {asked.last_on:%d %B %Y}, longer than {limits.months} months.")
    if asked.payoff_percent > limits.payoff_percent:
        found.append(f"{asked.payoff_percent:f} % for an early payoff is above {limits.payoff_percent:f} %.")
    if who is Who.CLIENT and asked.first_on > today + timedelta(days=FIRST_WITHIN_DAYS):
        found.append(f"The first instalment has to be paid within {FIRST_WITHIN_DAYS} days.")
    return found
