"""Business days of a client's country and region (public holidays from the `holidays` library)."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import holidays

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=4096)
def _holidays_of(country: str, region: str, year: int) -> frozenset[date]:
    """Public holidays; none for a country or region that the library does not know."""
    try:
        found = holidays.country_holidays(country, subdiv=region or None, years=year)
    except NotImplementedError:
        if not region:
            return frozenset()
        return _holidays_of(country, "", year)
    return frozenset(found)


def regions_of(country: str) -> tuple[str, ...]:
    """The regions with holidays of their own, by their codes; none for a country that the library does not know."""
    known: dict[str, list[str]] = holidays.list_supported_countries()
    return tuple(known.get(country, ()))


@lru_cache(maxsize=65536)
def is_business_day(country: str, region: str, day: date) -> bool:
    """Monday to Friday and no public holiday. An unknown country has weekends only."""
    return day.weekday() < 5 and not (country and day in _holidays_of(country, region, day.year))


def next_business_day(country: str, region: str, day: date) -> date:
    """`day` itself when it is one, else the first after it."""
    while not is_business_day(country, region, day):
        day += ONE_DAY
    return day


def add_business_days(country: str, region: str, day: date, count: int) -> date:
    """`count` business days after `day`, or before it when negative; 0 is `day` itself."""
    step = ONE_DAY if count >= 0 else -ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not is_business_day(country, region, day):
            day += step
    return day


class Convention(StrEnum):
    """Where a date goes that is no business day (the business-day conventions of ISDA)."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    PRECEDING = "preceding"

    @property
    def label(self) -> str:
        return {
            "none": "Stays",
            "following": "Next business day",
            "modified_following": "Next business day, in the same month",
            "preceding": "Business day before",
        }[self.value]


def adjusted(country: str, region: str, day: date, convention: Convention) -> date:
    """`day` moved to a business day. Sunday 31 May 2026 in England: following 1 June, the other two 29 May."""
    if convention is Convention.NONE or is_business_day(country, region, day):
        return day
    after = next_business_day(country, region, day)
    if convention is Convention.FOLLOWING or (convention is Convention.MODIFIED_FOLLOWING and after.month == day.month):
        return after
    return add_business_days(country, region, day, -1)
