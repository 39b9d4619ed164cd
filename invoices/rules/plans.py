"""Payment plans: what is paid of each instalment, and how the plan stands (design: engine.md 1.9).

The instalments are filled, the oldest first, by what the plan's items have less open than when it was agreed; a credit
note counts as a payment does. A disputed part is taken off the last instalments until the dispute is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .calendar import add_business_days
from .money import ZERO, quantise

ONE_DAY = timedelta(days=1)


class State(StrEnum):
    """Of one instalment. COVERED: the money is with us or on its way, and not allocated yet."""

    PAID = "paid"
    COVERED = "covered"
    PART_PAID = "part_paid"
    DUE = "due"
    COMING = "coming"
    MISSED = "missed"
    LATE = "late"
    DISPUTED = "disputed"

    @property
    def label(self) -> str:
        return {
            "paid": "Paid",
            "covered": "Money is there",
            "part_paid": "Part paid",
            "due": "Due today",
            "coming": "Coming",
            "missed": "Missed",
            "late": "Late beyond grace",
            "disputed": "Disputed",
        }[self.value]


class Verdict(StrEnum):
    IN_STANDING = "in_standing"
    MISSED = "missed"
    BROKEN = "broken"
    KEPT = "kept"


class Planned(NamedTuple):
    """An instalment as agreed; `told_on`: when the client heard that it is missing, None while he has not."""

    due_on: date
    amount: Decimal
    told_on: date | None = None


class Money(NamedTuple):
    """What counts towards a plan: paid for good; `waiting` with us or on its way; `disputed` and so not asked for."""

    paid: Decimal
    waiting: Decimal = ZERO
    disputed: Decimal = ZERO


class Grace(NamedTuple):
    """How many business days, where."""

    days: int
    country: str = ""
    region: str = ""

    def until(self, one: Planned) -> date:
        """The last day on which the instalment may still come: counted from its date, or from the day before the
        client was told, where that was later (nothing ran for days, or a payment went back)."""
        start = one.due_on if one.told_on is None else max(one.due_on, one.told_on - ONE_DAY)
        return add_business_days(self.country, self.region, start, self.days)


class Standing(NamedTuple):
    """One instalment. `missing` is what has still to come: neither paid, nor waiting, nor disputed."""

    due_on: date
    amount: Decimal
    paid: Decimal
    missing: Decimal
    grace_until: date
    state: State


class PlanStanding(NamedTuple):
    """All instalments, and what they come to. `look_on`: the first day on which the verdict changes by itself."""

    instalments: tuple[Standing, ...]
    paid: Decimal
    left: Decimal
    verdict: Verdict
    look_on: date | None

    @property
    def next(self) -> Standing | None:
        """The oldest instalment that something has still to come for."""
        return next((one for one in self.instalments if one.missing), None)

    @property
    def missed(self) -> list[Standing]:
        return [one for one in self.instalments if one.state in (State.MISSED, State.LATE)]

    @property
    def due_now(self) -> Decimal:
        """What is asked for: all that is missing of what fell due, else the next instalment."""
        if missed := sum((one.missing for one in self.missed), ZERO):
            return missed
        return self.next.missing if self.next else ZERO


def paid_towards(items: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """From (amount when it was agreed, open now) of each item; one that owes more than then counts as nothing."""
    return sum((max(agreed - is_open, ZERO) for agreed, is_open in items), ZERO)


def standing(instalments: Sequence[Planned], money: Money, today: date, grace: Grace) -> PlanStanding:
    """How the plan stands on `today`: an instalment may be paid through its date, and is late after its grace."""
    total = sum((one.amount for one in instalments), ZERO)
    paid = min(money.paid, total)
    covered = min(paid + money.waiting, total)
    asked = max(total - money.disputed, covered)  # the disputed part is the end of the plan
    rows, start = [], ZERO
    for one in instalments:
        end = start + one.amount
        has_paid = _between(start, end, paid)
        missing = _between(start, end, asked) - _between(start, end, covered)
        until = grace.until(one)
        rows.append(
            Standing(
                one.due_on,
                one.amount,
                has_paid,
                missing,
                until,
                _state(one, has_paid, missing, asked > start, today, until),
            )
        )
        start = end
    return PlanStanding(tuple(rows), paid, total - paid, _verdict(rows, paid, total), _look_on(rows, today))


def _between(start: Decimal, end: Decimal, level: Decimal) -> Decimal:
    """How much of the stretch from `start` to `end` lies under `level`."""
    return max(min(end, level) - start, ZERO)


def _state(one: Planned, paid: Decimal, missing: Decimal, is_asked: bool, today: date, grace_until: date) -> State:
    if paid == one.amount:
        return State.PAID
    if not missing:
        return State.COVERED if is_asked else State.DISPUTED
    if today > grace_until and one.told_on:  # nobody loses his plan before he heard that something is missing
        return State.LATE
    if today > one.due_on:
        return State.MISSED
    if today == one.due_on:
        return State.DUE
    return State.PART_PAID if missing < one.amount else State.COMING


def _verdict(rows: Sequence[Standing], paid: Decimal, total: Decimal) -> Verdict:
    states = {row.state for row in rows}
    if paid >= total:
        return Verdict.KEPT
    if State.LATE in states:
        return Verdict.BROKEN
    return Verdict.MISSED if State.MISSED in states else Verdict.IN_STANDING


def _look_on(rows: Sequence[Standing], today: date) -> date | None:
    turns = (day for row in rows if row.missing for day in (row.due_on + ONE_DAY, row.grace_until + ONE_DAY))
    return min((day for day in turns if day > today), default=None)


# --- paying off early -------------------------------------------------------------------------------------------------


def payoff_discount(instalments: Sequence[Planned], percent: Decimal | None, on: date, currency: str) -> Decimal:
    """What is waived of a plan that is paid off on that day: `percent` of the instalments that fall due later.

    1,000.00 in five instalments, 10 %, the day after the second: 60.00 of the 600.00 to come.
    """
    if not percent:
        return ZERO
    later = sum((one.amount for one in instalments if one.due_on > on), ZERO)
    return quantise(later * percent / 100, currency)
