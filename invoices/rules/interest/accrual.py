"""Interest day by day, gathered in lines: one line for each stretch with one principal and one rate."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from ..money import ZERO
from .records import Claim, Compounding, DayBasis, Line, Rounding, Scheme, rounded
from .starting import ONE_DAY, period_starts
from .yearly import Span

THIRTY = 30


def principal_on(scheme: Scheme, claim: Claim, day: date) -> Decimal:
    """What bears interest on `day`. Where the payment day is counted, a payment takes effect the day after."""
    lag = ONE_DAY if scheme.is_payment_day_counted else timedelta()
    return claim.amount - sum((paid.amount for paid in claim.payments if paid.paid_on + lag <= day), ZERO)


def accrue(scheme: Scheme, claim: Claim, spans: Sequence[Span], last: date) -> list[Line]:
    """The lines from the first span's day through `last`. Stretches without principal give none."""
    start = spans[0].from_on
    if last < start:
        return []
    added_on = set(period_starts(start, scheme.compounding.months, last + ONE_DAY))
    whole = set(pairwise([start, *sorted(added_on)])) if scheme.compounding is Compounding.MONTHLY else set()
    lines: list[Line] = []
    added = accrued = Fraction(0)
    for begin, end in pairwise(sorted(_breaks(scheme, claim, spans, last) | {day for day in added_on if day <= last})):
        if begin in added_on:
            added, accrued = added + accrued, Fraction(0)
        principal = principal_on(scheme, claim, begin)
        if principal <= ZERO:
            continue
        rate = [span.rate for span in spans if span.from_on <= begin][-1]
        base = Fraction(principal) + added
        line = _line(scheme, (begin, end), base, rate, (begin, end) in whole)
        if scheme.rounding is Rounding.SEGMENT:
            line = _rounded(line, claim.currency)
        lines.append(line)
        accrued += line.exact
    return lines


def _breaks(scheme: Scheme, claim: Claim, spans: Sequence[Span], last: date) -> set[date]:
    """The days on which principal, rate or length of the year change, with both ends."""
    start, end = spans[0].from_on, last + ONE_DAY
    lag = ONE_DAY if scheme.is_payment_day_counted else timedelta()
    days = {span.from_on for span in spans} | {paid.paid_on + lag for paid in claim.payments}
    if scheme.day_basis is DayBasis.ACTUAL:
        new_years = (year for year in range(start.year + 1, end.year + 1))
        days |= {date(year, 1, 1) for year in new_years if calendar.isleap(year) != calendar.isleap(year - 1)}
    return {start, end} | {day for day in days if start < day < end}


def _line(scheme: Scheme, stretch: tuple[date, date], base: Fraction, rate: Decimal, is_whole_month: bool) -> Line:
    """A whole month counts 30 days of 360, as 5 CFR 1315.17 has it; else days are counted as they are."""
    begin, end = stretch
    days = (end - begin).days
    if scheme.day_basis is DayBasis.DAYS_360:
        counted, year = (THIRTY if is_whole_month else days), 360
    elif scheme.day_basis is DayBasis.ACTUAL and calendar.isleap(begin.year):
        counted, year = days, 366
    else:
        counted, year = days, 365
    return Line(
        from_on=begin,
        to_on=end - ONE_DAY,
        days=days,
        exact_principal=base,
        rate=rate,
        year_part=f"{counted}/{year}",
        exact=base * Fraction(rate) / 100 * Fraction(counted, year),
    )


def _rounded(line: Line, currency: str) -> Line:
    return replace(line, exact=Fraction(rounded(line.exact, currency)))
