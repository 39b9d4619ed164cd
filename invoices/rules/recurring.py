"""When a recurring invoice falls due, which lines count on a day, and what its period is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import Enum
from itertools import islice
from typing import NamedTuple, Protocol, TypeVar

from .instalments import add_months

PERIOD = "{period}"


class Interval(Enum):
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"

    @property
    def months(self) -> int:
        return {"monthly": 1, "quarterly": 3, "yearly": 12}[self.value]


class Schedule(NamedTuple):
    """`first_on` is the anchor: the others keep its day of the month. It ends with `last_on`, or after `times` periods,
    whichever is first; without either, never.
    """

    interval: Interval
    first_on: date
    last_on: date | None = None
    times: int | None = None


class Dated(Protocol):
    @property
    def valid_from(self) -> date | None: ...

    @property
    def valid_until(self) -> date | None: ...


Line = TypeVar("Line", bound=Dated)


def dates(schedule: Schedule) -> Iterator[date]:
    """All dates in order, each worked out from the first: 31 January, 28 February, 31 March. May be endless."""
    n = 0
    while schedule.times is None or n < schedule.times:
        on = add_months(schedule.first_on, n * schedule.interval.months)
        if schedule.last_on and on > schedule.last_on:
            return
        yield on
        n += 1


def next_date(schedule: Schedule, from_on: date) -> date | None:
    """The first date on or after `from_on`; None when the schedule is over by then."""
    return next((on for on in dates(schedule) if on >= from_on), None)


def upcoming(schedule: Schedule, from_on: date | None, limit: int = 12) -> list[date]:
    """The next dates on or after `from_on`; none without it."""
    return list(islice((on for on in dates(schedule) if on >= from_on), limit)) if from_on else []


def missed(schedule: Schedule, from_on: date | None, today: date) -> list[date]:
    """The dates from `from_on` through `today`: what is to be invoiced now."""
    found: list[date] = []
    for on in dates(schedule):
        if from_on is None or on > today:
            break
        if on >= from_on:
            found.append(on)
    return found


def valid_on(lines: Iterable[Line], on: date) -> list[Line]:
    """The lines that count on a day; both ends of a line's time are included."""
    return [
        line
        for line in lines
        if (line.valid_from is None or line.valid_from <= on) and (line.valid_until is None or on <= line.valid_until)
    ]


def period_words(interval: Interval, on: date) -> str:
    """What the period that begins in the month of `on` is called: "June 2026", "April to June 2026",
    "November 2026 to January 2027", "2026", "June 2026 to May 2027".
    """
    last = add_months(on.replace(day=1), interval.months - 1)
    if interval is Interval.MONTHLY:
        return f"{on:%B %Y}"
    if interval is Interval.YEARLY and on.month == 1:
        return f"{on:%Y}"
    return f"{on:%B} to {last:%B %Y}" if on.year == last.year else f"{on:%B %Y} to {last:%B %Y}"


def filled(text: str, interval: Interval, on: date) -> str:
    """The text with the period in it. Other braces stay as they are."""
    return text.replace(PERIOD, period_words(interval, on))


def day_before(on: date) -> date:
    return on - timedelta(days=1)
