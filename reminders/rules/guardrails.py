"""When, and how often, a client may be contacted: profiles of law and good manners (design: law.md).

Pure. Several profiles may apply to one client; the strictest wins, because each is asked and any of them may refuse. A
refusal names the profile, its version, the rule and the figures, so that it can be shown and kept as evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from invoices.rules.calendar import is_business_day

ONE_DAY = timedelta(days=1)
COUNTED = ("email", "sms", "call")  # letters are not counted; decisions and other systems reach nobody


class Counts(StrEnum):
    """What a cap counts. An unanswered call is an attempt; a contact reached the client: a talk, a mail, an SMS."""

    ATTEMPTS = "attempts"
    CONTACTS = "contacts"


class Window(NamedTuple):
    """On these weekdays (Monday is 0) from `first` until before `last`, the client's time."""

    weekdays: frozenset[int]
    first: time
    last: time


class Cap(NamedTuple):
    """At most `most` in any `days` days, today included. `channel` empty: of all channels together."""

    counts: Counts
    most: int
    days: int
    channel: str = ""


class Profile(NamedTuple):
    """One set of rules. Empty `countries`, `regions` or `debtor_types` fit all. Windows by channel; none: any hour."""

    id: str
    version: int
    name: str
    source: str
    valid_from: date
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    debtor_types: frozenset[str] = frozenset()
    windows: dict[str, tuple[Window, ...]] = {}
    works_on_holidays: bool = True
    caps: tuple[Cap, ...] = ()
    quiet_days_after_talk: int = 0  # no call for so many days after a conversation; its day is the first


class Where(NamedTuple):
    """What decides which profiles apply, and where holidays are looked up."""

    country: str
    region: str
    debtor_type: str


class Touch(NamedTuple):
    """One past attempt to reach the client. `is_contact`: it got through; `is_talk`: somebody spoke to him."""

    on: date
    channel: str
    is_contact: bool = True
    is_talk: bool = False


class Refusal(NamedTuple):
    """Why not now: the rule that says so, with its figures. `again_on` is the first day on which it no longer does."""

    profile: str
    version: int
    rule: str
    figures: dict[str, object]
    again_on: date | None = None


def applicable(profiles: Sequence[Profile], where: Where, today: date) -> list[Profile]:
    """The profiles in force on that day for such a client, the newest version of each."""
    newest: dict[str, Profile] = {}
    for profile in profiles:
        if profile.valid_from <= today and _fits(profile, where):
            known = newest.get(profile.id)
            if known is None or profile.version > known.version:
                newest[profile.id] = profile
    return list(newest.values())


def _fits(profile: Profile, where: Where) -> bool:
    return (
        (not profile.countries or where.country in profile.countries)
        and (not profile.regions or where.region in profile.regions)
        and (not profile.debtor_types or where.debtor_type in profile.debtor_types)
    )


def over_the_cap(profiles: Sequence[Profile], channel: str, history: Sequence[Touch], today: date) -> Refusal | None:
    """The cap that one more contact on `channel` today would break; of several the one that holds longest."""
    if channel not in COUNTED:
        return None
    refusals = [
        refusal
        for profile in profiles
        for refusal in (*_caps(profile, channel, history, today), _after_talk(profile, channel, history, today))
        if refusal
    ]
    return max(refusals, key=lambda refusal: refusal.again_on or today, default=None)


def _caps(profile: Profile, channel: str, history: Sequence[Touch], today: date) -> list[Refusal | None]:
    return [_cap(profile, cap, history, today) for cap in profile.caps if cap.channel in ("", channel)]


def _cap(profile: Profile, cap: Cap, history: Sequence[Touch], today: date) -> Refusal | None:
    since = today - timedelta(days=cap.days - 1)
    counted = sorted(
        touch.on
        for touch in history
        if since <= touch.on <= today
        and touch.channel in (COUNTED if not cap.channel else (cap.channel,))
        and (touch.is_contact or cap.counts is Counts.ATTEMPTS)
    )
    if len(counted) < cap.most:
        return None
    # One of them has to be older than the cap looks back before there is room for another.
    again_on = counted[len(counted) - cap.most] + timedelta(days=cap.days)
    figures: dict[str, object] = {
        "channel": cap.channel or "all",
        "counts": cap.counts.value,
        "had": len(counted),
        "most": cap.most,
        "days": cap.days,
    }
    return Refusal(profile.id, profile.version, "cap", figures, again_on)


def _after_talk(profile: Profile, channel: str, history: Sequence[Touch], today: date) -> Refusal | None:
    if channel != "call" or not profile.quiet_days_after_talk:
        return None
    last = max((touch.on for touch in history if touch.is_talk and touch.on <= today), default=None)
    if last is None:
        return None
    again_on = last + timedelta(days=profile.quiet_days_after_talk)
    if again_on <= today:
        return None
    figures: dict[str, object] = {"talked_on": last, "days": profile.quiet_days_after_talk}
    return Refusal(profile.id, profile.version, "after_talk", figures, again_on)


def outside_hours(
    profiles: Sequence[Profile], channel: str, where: Where, moments: Sequence[datetime]
) -> Refusal | None:
    """Why nothing may leave on `channel` at this moment; `moments` is now in every zone where the client may be."""
    for profile in profiles:
        for moment in moments:
            if refusal := _at(profile, channel, where, moment):
                return refusal
    return None


def _at(profile: Profile, channel: str, where: Where, moment: datetime) -> Refusal | None:
    clock: dict[str, object] = {"channel": channel, "local": f"{moment:%a %H:%M}"}
    day = moment.date()
    if not _is_day_open(profile, channel, where, day):
        figures = {**clock, "day_on": day}
        return Refusal(profile.id, profile.version, "day", figures, _next_day(profile, channel, where, day))
    windows = profile.windows.get(channel)
    if windows is None or any(_is_inside(window, moment) for window in windows):
        return None
    hours = ", ".join(f"{w.first:%H:%M} to {w.last:%H:%M}" for w in windows if moment.weekday() in w.weekdays)
    return Refusal(profile.id, profile.version, "hours", {**clock, "hours": hours})


def _is_inside(window: Window, moment: datetime) -> bool:
    return moment.weekday() in window.weekdays and window.first <= moment.time() < window.last


def closed_day(profiles: Sequence[Profile], channel: str, where: Where, day: date) -> Refusal | None:
    """The profile on whose account the whole day is closed for `channel`, and the first day that no longer is."""
    if channel not in COUNTED:
        return None
    refusals = [
        Refusal(
            profile.id,
            profile.version,
            "day",
            {"channel": channel, "day_on": day},
            _next_day(profile, channel, where, day),
        )
        for profile in profiles
        if not _is_day_open(profile, channel, where, day)
    ]
    return max(refusals, key=lambda refusal: refusal.again_on or day, default=None)


def _is_day_open(profile: Profile, channel: str, where: Where, day: date) -> bool:
    windows = profile.windows.get(channel)
    if windows is not None and not any(day.weekday() in window.weekdays for window in windows):
        return False
    is_holiday = day.weekday() < 5 and not is_business_day(where.country, where.region, day)
    return profile.works_on_holidays or not is_holiday


def _next_day(profile: Profile, channel: str, where: Where, day: date) -> date:
    """The first open day after `day`; a profile without any open weekday is refused when it is read."""
    for _ in range(60):
        day += ONE_DAY
        if _is_day_open(profile, channel, where, day):
            return day
    return day
