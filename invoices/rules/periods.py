"""Periods of days, both ends included: those a statement offers, and the months that can be closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import takewhile
from typing import NamedTuple

DAY = timedelta(days=1)


class Period(NamedTuple):
    first_on: date
    last_on: date


def month_of(day: date) -> Period:
    """The calendar month that `day` lies in."""
    return Period(day.replace(day=1), next_month(day) - DAY)


def month_before(day: date) -> Period:
    return month_of(day.replace(day=1) - DAY)


def next_month(day: date) -> date:
    """The first of the next month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def is_month_end(day: date) -> bool:
    return (day + DAY).day == 1


def week_before(day: date) -> Period:
    """The last whole week, Monday to Sunday."""
    last_on = day - timedelta(days=day.isoweekday())
    return Period(last_on - timedelta(days=6), last_on)


def quarter_before(day: date) -> Period:
    """The last whole quarter of the calendar year."""
    first_on = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    last_on = first_on - DAY
    return Period(date(last_on.year, last_on.month - 2, 1), last_on)


def presets(today: date) -> dict[str, tuple[str, Period]]:
    """Key -> (label, period) of what people ask for; a period that runs ends today."""
    last = month_before(today)
    quarter_on = month_before(last.first_on).first_on
    last_year = date(today.year - 1, 1, 1)
    return {
        "quarter": ("Last 3 months", Period(quarter_on, today)),
        "month": ("This month", Period(today.replace(day=1), today)),
        "last-month": ("Last month", last),
        "year": ("This year", Period(date(today.year, 1, 1), today)),
        "last-year": ("Last year", Period(last_year, date(today.year, 1, 1) - DAY)),
    }


def months_to_close(locked_through: date | None, first_booked_on: date, today: date) -> list[Period]:
    """The months that are over and not closed, the oldest first; from the first entry's month on."""
    start = (locked_through + DAY if locked_through else first_booked_on).replace(day=1)
    return list(takewhile(lambda month: month.last_on < today, _months_from(start)))


def _months_from(first_on: date) -> Iterator[Period]:
    while True:
        yield month_of(first_on)
        first_on = next_month(first_on)
