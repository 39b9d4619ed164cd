"""The hour of a contact: where the client's day is now, and when it opens (design: law.md; engine.md 1.12). Pure.

Business dates are ours; hours are the client's. Where only his country is known, an hour has to be allowed in every
zone of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import get_global

from .guardrails import COUNTED, Profile, Refusal, Where, outside_hours

STEP = timedelta(minutes=15)  # windows begin on a quarter of an hour
LOOK_AHEAD = timedelta(days=14)


class Place(NamedTuple):
    """`zones`: every zone where the client may be; empty when nobody knows."""

    where: Where
    zones: Sequence[ZoneInfo]


class Closed(NamedTuple):
    """Why not at this moment, and the first moment at which nothing refuses; None when none is in sight."""

    refusal: Refusal
    opens_at: datetime | None


def zones_of(time_zone: str, country: str) -> list[ZoneInfo]:
    """The client's own zone, else all of his country, from west to east."""
    names = [time_zone] if time_zone else get_global("territory_zones").get(country, ())
    found = []
    for name in names:
        try:
            found.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):
            continue
    return sorted(found, key=lambda zone: datetime(2026, 1, 1, tzinfo=UTC).astimezone(zone).utcoffset() or timedelta())


def local_times(zones: Sequence[ZoneInfo], at: datetime) -> list[datetime]:
    """`at` on the clocks of these zones, once for each that differs."""
    return list({moment.utcoffset(): moment for moment in (at.astimezone(zone) for zone in zones)}.values())


def closed_at(profiles: Sequence[Profile], channel: str, place: Place, at: datetime) -> Closed | None:
    """Whether a profile refuses `channel` at this moment. Letters are posted in our own time."""
    if channel not in COUNTED:
        return None
    refusal = outside_hours(profiles, channel, place.where, local_times(place.zones, at))
    return Closed(refusal, _opens_at(profiles, channel, place, at)) if refusal else None


def _opens_at(profiles: Sequence[Profile], channel: str, place: Place, at: datetime) -> datetime | None:
    moment = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    end = moment + LOOK_AHEAD
    while moment < end:
        moment += STEP
        if moment > at and not outside_hours(profiles, channel, place.where, local_times(place.zones, moment)):
            return moment
    return None
