"""From which day a debt bears interest, and until which."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from ..calendar import next_business_day
from .records import Claim, DueOnRestDay, Scheme

ONE_DAY = timedelta(days=1)


def start_of_interest(scheme: Scheme, claim: Claim) -> date:
    """The first day that bears interest: the day after the due date, or after the working day that it moves to.

    With grace, a claim that ends by the next working day starts only after it, that is, not at all.
    """
    working_day = next_business_day(scheme.country, claim.region, claim.due_on)
    match scheme.due_on_rest_day:
        case DueOnRestDay.MOVES:
            return working_day + ONE_DAY
        case DueOnRestDay.GRACE if claim.until <= working_day:
            return working_day + ONE_DAY
    return claim.due_on + ONE_DAY


def last_day(scheme: Scheme, claim: Claim, start: date) -> date:
    """The last day that may bear interest: `claim.until`, or earlier where the scheme stops after some years."""
    if scheme.stops_after_years is None:
        return claim.until
    return min(claim.until, months_after(start - ONE_DAY, 12 * scheme.stops_after_years))


def due_without_agreement(scheme: Scheme, invoiced_on: date, performed_on: date | None = None) -> date:
    """The due date where none was agreed: the scheme's days (30) after the later of invoice received and performance.

    UK Act s 4(5); BGB 286(3); Directive 2011/7/EU art 3(3)(b); SI 580/2012 reg 5; L441-10 I; BW 6:119a(2).
    """
    return max(invoiced_on, performed_on or invoiced_on) + timedelta(days=scheme.days_without_agreed_date)


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last of the month where that one is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def period_starts(start: date, months: int, until: date) -> Iterator[date]:
    """First days of the whole periods after the first, counted from the day before `start` and never chained.

    Due on 8 April, by the month: 9 May, 9 June, ...
    """
    count = 1
    while months and (day := months_after(start - ONE_DAY, count * months) + ONE_DAY) <= until:
        yield day
        count += 1
