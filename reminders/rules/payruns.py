"""The days on which a client pays, and what they mean for a reminder (design: engine.md 1.12). Pure.

A reminder that lands just after a pay run waits for the next one; one that lands two business days before it is acted
on. The days are given by staff, or learned from receipts and shown to them as a suggestion.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from invoices.rules.calendar import add_business_days, next_business_day

ONE_DAY = timedelta(days=1)
LAST_DAY = 31  # of any month
LEAST_RECEIPTS = 6  # fewer show nothing
LEAST_SHARE = 0.8  # of the receipts have to lie on the days that are suggested
SLACK = 3  # days that a run may move over a weekend or holiday, and a transfer take
BEFORE = 2  # business days before a run on which a reminder is best read
JUST_AFTER = 5  # a reminder so many days after a run would wait for the next one anyway


class PayRuns(NamedTuple):
    """Days of the month (31: the last), or every `weeks` weeks counted from `anchor_on`; one of the two."""

    days: tuple[int, ...] = ()
    weeks: int = 0
    anchor_on: date | None = None


class Learned(NamedTuple):
    """What receipts suggest: so many of so many lie on these days."""

    runs: PayRuns
    fitting: int
    receipts: int


def read_days(text: str) -> tuple[int, ...]:
    """The days of "15, 31". Raises ValueError for what is no day of a month."""
    days = tuple(sorted({int(part) for part in text.replace(";", ",").split(",") if part.strip()}))
    if any(not 1 <= day <= LAST_DAY for day in days):
        raise ValueError(text)
    return days


def spoken(runs: PayRuns) -> str:
    """In words: "on day 15 and the last day of the month", "every 2 weeks on Thursday"."""
    if runs.weeks and runs.anchor_on:
        every = "every week" if runs.weeks == 1 else f"every {runs.weeks} weeks"
        return f"{every} on {runs.anchor_on:%A}"
    days = ["the last day" if day == LAST_DAY else f"day {day}" for day in runs.days]
    return f"on {' and '.join(days)} of the month"


def next_run(runs: PayRuns, after: date) -> date | None:
    """The first pay run on a later day than `after`; None when no days are known."""
    if runs.weeks and runs.anchor_on:
        step = timedelta(weeks=runs.weeks)
        return runs.anchor_on + step * ((after - runs.anchor_on) // step + 1)
    return min(_in_months(runs.days, after, range(3), lambda day: day > after), default=None)


def last_run(runs: PayRuns, by: date) -> date | None:
    """The last pay run on `by` or before."""
    if runs.weeks and runs.anchor_on:
        step = timedelta(weeks=runs.weeks)
        return runs.anchor_on + step * ((by - runs.anchor_on) // step)
    return max(_in_months(runs.days, by, range(-2, 1), lambda day: day <= by), default=None)


def _in_months(days: Sequence[int], around: date, months: range, fits: Callable[[date], bool]) -> list[date]:
    found: list[date] = []
    for offset in months:
        year, month = divmod(around.year * 12 + around.month - 1 + offset, 12)
        length = calendar.monthrange(year, month + 1)[1]
        found.extend(date(year, month + 1, min(day, length)) for day in days)
    return [day for day in found if fits(day)]


def better_day(runs: PayRuns, day: date, country: str, region: str, *, limit_days: int) -> date:
    """`day`, or two business days before the next run when `day` lies just after one and the wait is within the limit.

    A run on `day` itself counts as over: what is asked for today is not paid today.
    """
    before, after = last_run(runs, day), next_run(runs, day)
    if before is None or after is None or (day - before).days > JUST_AFTER:
        return day
    wanted = next_business_day(country, region, add_business_days(country, region, after, -BEFORE))
    if wanted <= day or (wanted - day).days > limit_days:
        return day
    return wanted


def learn(received_on: Sequence[date]) -> Learned | None:
    """The pay runs that these receipts suggest, or None when they show no habit. One receipt a day counts."""
    days = sorted(set(received_on))
    if len(days) < LEAST_RECEIPTS:
        return None
    found = [learned for learned in (_weekly(days), _monthly(days)) if learned]
    return max(found, key=lambda learned: learned.fitting, default=None)


def _monthly(days: Sequence[date]) -> Learned | None:
    """One or two days of the month, each with the days just after it."""
    one = _best_day(days)
    fitting = _on(days, (one,))
    chosen: tuple[int, ...] = (one,)
    if len(fitting) < LEAST_SHARE * len(days):
        rest = [day for day in days if day not in set(fitting)]
        chosen = tuple(sorted((one, _best_day(rest))))
        fitting = _on(days, chosen)
    if len(fitting) < LEAST_SHARE * len(days):
        return None
    return Learned(PayRuns(chosen), len(fitting), len(days))


def _best_day(days: Sequence[date]) -> int:
    """The day of the month with the most receipts on it or just after; of equals the most frequent, then the latest."""
    frequency = Counter(_day_of(day) for day in days)
    return max(range(1, LAST_DAY + 1), key=lambda wanted: (len(_on(days, (wanted,))), frequency[wanted], wanted))


def _day_of(day: date) -> int:
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return LAST_DAY if is_last else day.day


def _on(days: Sequence[date], wanted: Sequence[int]) -> list[date]:
    runs = PayRuns(tuple(wanted))
    return [day for day in days if (run := last_run(runs, day)) is not None and (day - run).days <= SLACK]


def _weekly(days: Sequence[date]) -> Learned | None:
    """Every week, or every second, on one weekday."""
    weekday, _ = Counter(day.weekday() for day in days).most_common(1)[0]
    on_it = [day for day in days if day.weekday() == weekday]
    if len(on_it) < LEAST_SHARE * len(days):
        return None
    anchor = on_it[-1]
    for weeks in (4, 2):
        fitting = [day for day in on_it if (anchor - day).days % (7 * weeks) == 0]
        if len(fitting) >= LEAST_SHARE * len(days):
            return Learned(PayRuns((), weeks, anchor), len(fitting), len(days))
    return Learned(PayRuns((), 1, anchor), len(on_it), len(days))
