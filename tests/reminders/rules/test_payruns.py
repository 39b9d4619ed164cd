from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.payruns import PayRuns, better_day, last_run, learn, next_run

TWICE = PayRuns((15, 31))
FORTNIGHT = PayRuns((), 2, date(2026, 6, 4))  # every second Thursday


@pytest.mark.parametrize(
    ("runs", "day", "before", "after"),
    [
        (TWICE, "2026-06-10", "2026-05-31", "2026-06-15"),
        (TWICE, "2026-06-15", "2026-06-15", "2026-06-30"),
        (TWICE, "2026-02-27", "2026-02-15", "2026-02-28"),
        (TWICE, "2026-12-31", "2026-12-31", "2027-01-15"),
        (FORTNIGHT, "2026-06-10", "2026-06-04", "2026-06-18"),
        (FORTNIGHT, "2026-06-18", "2026-06-18", "2026-07-02"),
        (FORTNIGHT, "2026-05-22", "2026-05-21", "2026-06-04"),
    ],
)
def test_runs_around_a_day(runs, day, before, after):
    on = date.fromisoformat(day)
    assert last_run(runs, on) == date.fromisoformat(before)
    assert next_run(runs, on) == date.fromisoformat(after)


def test_no_known_days_give_no_run():
    assert next_run(PayRuns(), date(2026, 6, 1)) is last_run(PayRuns(), date(2026, 6, 1)) is None


@pytest.mark.parametrize(
    ("day", "limit", "moved_to"),
    [
        ("2026-06-16", 10, "2026-06-26"),  # a day after the 15th: to the Friday before the 30th, a Tuesday
        ("2026-06-15", 14, "2026-06-26"),  # on the run itself
        ("2026-06-15", 10, "2026-06-15"),  # eleven days are too long
        ("2026-06-22", 10, "2026-06-22"),  # a week after a run: nothing is gained
        ("2026-06-12", 10, "2026-06-12"),  # before a run
        ("2026-06-16", 0, "2026-06-16"),
    ],
)
def test_a_reminder_just_after_a_run_waits_for_the_next(day, limit, moved_to):
    assert better_day(TWICE, date.fromisoformat(day), "GB", "", limit_days=limit) == date.fromisoformat(moved_to)


@given(
    day=st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    days=st.lists(st.integers(1, 31), min_size=1, max_size=4),
    limit=st.integers(0, 30),
)
def test_a_reminder_never_moves_back_nor_beyond_its_limit_nor_twice(day, days, limit):
    runs = PayRuns(tuple(days))
    moved = better_day(runs, day, "GB", "", limit_days=limit)
    assert day <= moved <= day + timedelta(days=limit)
    assert better_day(runs, moved, "GB", "", limit_days=limit) == moved or (moved - last_run(runs, moved)).days <= 5


def months(day: int, count: int = 8) -> list[date]:
    return [date(2026, month, day) for month in range(1, count + 1)]


@pytest.mark.parametrize(
    ("received", "runs"),
    [
        (months(15), PayRuns((15,))),
        ([date(2026, m, d) for m, d in ((1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 30))], PayRuns((31,))),
        # Moved over weekends: the 15th, or the Monday after.
        ([date(2026, m, d) for m, d in ((1, 15), (2, 16), (3, 16), (4, 15), (5, 15), (6, 15))], PayRuns((15,))),
        (months(10) + months(25), PayRuns((10, 25))),
        ([date(2026, 1, 1) + timedelta(weeks=2 * n) for n in range(8)], PayRuns((), 2, date(2026, 4, 9))),
        ([date(2026, 1, 2) + timedelta(weeks=n) for n in range(8)], PayRuns((), 1, date(2026, 2, 20))),
    ],
)
def test_habits_are_learned_from_receipts(received, runs):
    assert learn(received).runs == runs


@pytest.mark.parametrize(
    "received",
    [
        [],
        months(15, 5),  # too few
        [date(2026, 1, 15)] * 9,  # one day is one run
        [date(2026, m, d) for m, d in ((1, 3), (1, 22), (2, 11), (3, 28), (4, 6), (5, 19), (6, 13), (7, 30))],
    ],
)
def test_no_habit_is_claimed_where_none_shows(received):
    assert learn(received) is None


def test_a_suggestion_says_on_what_it_rests():
    learned = learn([*months(15), date(2026, 9, 3)])
    assert (learned.fitting, learned.receipts) == (8, 9)
