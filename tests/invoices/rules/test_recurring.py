"""When a recurring invoice falls due, which lines count, what the period is called."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.recurring import (
    Interval,
    Schedule,
    dates,
    filled,
    missed,
    next_date,
    period_words,
    upcoming,
    valid_on,
)

MONTHLY, QUARTERLY, YEARLY = Interval


class Line(NamedTuple):
    name: str
    valid_from: date | None = None
    valid_until: date | None = None


def days(text: str) -> list[date]:
    return [date.fromisoformat(day) for day in text.split()]


@pytest.mark.parametrize(
    ("interval", "first_on", "expected"),
    [
        (MONTHLY, date(2026, 1, 31), "2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31"),
        (MONTHLY, date(2023, 12, 30), "2023-12-30 2024-01-30 2024-02-29 2024-03-30"),
        (MONTHLY, date(2026, 11, 1), "2026-11-01 2026-12-01 2027-01-01"),
        (QUARTERLY, date(2026, 11, 30), "2026-11-30 2027-02-28 2027-05-30 2027-08-30"),
        (YEARLY, date(2024, 2, 29), "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29"),
    ],
)
def test_dates_are_anchored_on_the_first(interval, first_on, expected):
    assert upcoming(Schedule(interval, first_on), first_on, len(days(expected))) == days(expected)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (Schedule(MONTHLY, date(2026, 1, 31), last_on=date(2026, 3, 31)), "2026-01-31 2026-02-28 2026-03-31"),
        (Schedule(MONTHLY, date(2026, 1, 31), last_on=date(2026, 3, 30)), "2026-01-31 2026-02-28"),
        (Schedule(MONTHLY, date(2026, 1, 31), times=2), "2026-01-31 2026-02-28"),
        (Schedule(MONTHLY, date(2026, 1, 31), last_on=date(2026, 2, 1), times=5), "2026-01-31"),
        (Schedule(MONTHLY, date(2026, 1, 31), last_on=date(2027, 2, 1), times=1), "2026-01-31"),
        (Schedule(YEARLY, date(2026, 5, 1), last_on=date(2026, 4, 1)), ""),
    ],
)
def test_schedule_ends_with_its_last_day_or_its_count(schedule, expected):
    assert list(dates(schedule)) == days(expected)


@pytest.mark.parametrize(
    ("from_on", "expected"),
    [
        (date(2025, 1, 1), date(2026, 1, 31)),
        (date(2026, 1, 31), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 3, 31)),
        (date(2026, 4, 1), None),
    ],
)
def test_next_date_is_on_or_after_the_day(from_on, expected):
    assert next_date(Schedule(MONTHLY, date(2026, 1, 31), times=3), from_on) == expected


@pytest.mark.parametrize(
    ("from_on", "today", "expected"),
    [
        (date(2026, 1, 31), date(2026, 1, 30), ""),
        (date(2026, 1, 31), date(2026, 1, 31), "2026-01-31"),
        (date(2026, 1, 31), date(2026, 4, 2), "2026-01-31 2026-02-28 2026-03-31"),
        (date(2026, 2, 28), date(2026, 4, 2), "2026-02-28 2026-03-31"),
        (None, date(2026, 4, 2), ""),
    ],
)
def test_missed_are_the_dates_through_today(from_on, today, expected):
    assert missed(Schedule(MONTHLY, date(2026, 1, 31)), from_on, today) == days(expected)


@given(
    st.sampled_from(Interval),
    st.dates(date(2000, 1, 1), date(2080, 1, 1)),
    st.integers(1, 60),
)
def test_every_month_of_the_interval_has_one_date_on_the_anchor_or_its_last_day(interval, first_on, count):
    found = list(dates(Schedule(interval, first_on, times=count)))
    months = [on.year * 12 + on.month for on in found]
    assert len(found) == count
    assert all(later - earlier == interval.months for earlier, later in pairwise(months))
    assert all(on.day == first_on.day or (on.day < first_on.day and on.day >= 28) for on in found)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2027, 2, 28), ["old", "always"]),
        (date(2027, 3, 1), ["new", "always"]),
        (date(2027, 12, 31), ["new", "always"]),
        (date(2028, 1, 1), ["always"]),
    ],
)
def test_price_change_counts_from_its_day(on, expected):
    lines = [
        Line("old", None, date(2027, 2, 28)),
        Line("new", date(2027, 3, 1), date(2027, 12, 31)),
        Line("always"),
    ]
    assert [line.name for line in valid_on(lines, on)] == expected


@pytest.mark.parametrize(
    ("interval", "on", "expected"),
    [
        (MONTHLY, date(2026, 6, 30), "June 2026"),
        (QUARTERLY, date(2026, 4, 15), "April to June 2026"),
        (QUARTERLY, date(2026, 11, 30), "November 2026 to January 2027"),
        (YEARLY, date(2026, 1, 1), "2026"),
        (YEARLY, date(2024, 2, 29), "February 2024 to January 2025"),
    ],
)
def test_period_is_named_by_its_months(interval, on, expected):
    assert period_words(interval, on) == expected


def test_text_names_the_period_and_keeps_other_braces():
    text = filled("Support {period}, {plan} {0}", MONTHLY, date(2026, 6, 1))
    assert text == "Support June 2026, {plan} {0}"
