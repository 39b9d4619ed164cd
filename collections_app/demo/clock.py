"""The clock of the demo's history.

Everything in this product reads the time through `django.utils.timezone`, whose `now` asks that module's own name
`datetime`. `clock_at` puts a moved one in its place, for this process and for as long as the block lasts: only
`manage.py demo`, which runs alone before the web server starts, may use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

A_STEP = timedelta(seconds=3)  # between two looks at the clock, so that a day's work is not one moment


class _Likeness(type):
    """What is a datetime stays one for whoever asks the moved clock."""

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, datetime)


@contextmanager
def clock_at(day: date, hour: int, minute: int = 0) -> Iterator[None]:
    """It is `day` at this time in the organisation's time zone, and goes on from there."""
    at = datetime.combine(day, time(hour, minute), tzinfo=ZoneInfo(settings.TIME_ZONE))

    class MovedClock(metaclass=_Likeness):
        moment = at

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            cls.moment += A_STEP
            return cls.moment.astimezone(tz)

    real = timezone.datetime
    timezone.datetime = MovedClock
    try:
        yield
    finally:
        timezone.datetime = real
