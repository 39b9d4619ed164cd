"""May we ring a client now? 08:00 to 20:00 on business days where he is (design: law.md, default profile)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from invoices.rules.calendar import is_business_day

FIRST, LAST = time(8), time(20)
MOST_ATTEMPTS = 7  # in seven days


class CallWindow(NamedTuple):
    """`is_open` None: nobody knows where he is. `local` is the client's time, None when that is not certain."""

    is_open: bool | None
    text: str
    local: datetime | None = None


def call_window(now: datetime, *, time_zone: str, country: str, region: str = "", attempts: int = 0) -> CallWindow:
    """`now` is aware; `attempts` are those of the last seven days. Without a zone all of the country's count."""
    if attempts >= MOST_ATTEMPTS:
        return CallWindow(False, f"{attempts} attempts in seven days: not before one of them is a week old.")
    zones = _zones(time_zone, country)
    if not zones:
        return CallWindow(None, "The client's time zone is unknown. Make sure that it is working hours there.")
    times = [now.astimezone(zone) for zone in zones]
    local = times[0] if len({moment.utcoffset() for moment in times}) == 1 else None
    clock = f"{local:%H:%M} there" if local else f"{min(times):%H:%M} to {max(times):%H:%M} there"
    if not all(is_business_day(country, region, moment.date()) for moment in times):
        return CallWindow(False, f"No business day where the client is ({clock}).", local)
    if not all(FIRST <= moment.time() < LAST for moment in times):
        return CallWindow(False, f"Outside 08:00 to 20:00 where the client is ({clock}).", local)
    return CallWindow(True, f"It is {clock}.", local)


def _zones(time_zone: str, country: str) -> Sequence[ZoneInfo]:
    names = [time_zone] if time_zone else get_global("territory_zones").get(country, ())
    found = []
    for name in names:
        try:
            found.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return sorted(found, key=lambda zone: datetime(2026, 1, 1, tzinfo=UTC).astimezone(zone).utcoffset() or 0)
