"""Profiles as they are written in files and on the settings page: `hours.call = ["Mon-Fri 08:00-20:00"]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from .guardrails import COUNTED, Cap, Counts, Profile, Window

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = re.compile(r"(?P<first>\w{3})(?:-(?P<last>\w{3}))? (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)")
KNOWN = frozenset(
    "id version name source valid_from countries regions debtor_types hours caps works_on_holidays "
    "quiet_days_after_talk".split()
)


class BadProfile(ValueError):
    """The text is a sentence that names the profile and the value."""


def read_profile(given: Mapping[str, Any]) -> Profile:
    """One profile from its table. Raises BadProfile, so that a mistyped rule never silently allows more."""
    name = str(given.get("id", "?"))
    if unknown := sorted(set(given) - KNOWN):
        raise BadProfile(f"Profile {name}: “{unknown[0]}” is no rule that is known.")
    if missing := [key for key in ("id", "version", "name", "source", "valid_from") if not given.get(key)]:
        raise BadProfile(f"Profile {name}: “{missing[0]}” is missing.")
    valid_from = given["valid_from"]
    return Profile(
        name,
        int(given["version"]),
        str(given["name"]),
        str(given["source"]),
        valid_from if isinstance(valid_from, date) else date.fromisoformat(str(valid_from)),
        frozenset(given.get("countries", ())),
        frozenset(given.get("regions", ())),
        frozenset(given.get("debtor_types", ())),
        {_channel(name, key): _windows(name, texts) for key, texts in given.get("hours", {}).items()},
        bool(given.get("works_on_holidays", True)),
        tuple(_cap(name, cap) for cap in given.get("caps", ())),
        _count(name, "quiet_days_after_talk", given.get("quiet_days_after_talk", 0), least=0),
    )


def _channel(profile: str, text: str) -> str:
    if text not in COUNTED:
        raise BadProfile(f"Profile {profile}: “{text}” is no channel; the rules know {', '.join(COUNTED)}.")
    return text


def _windows(profile: str, texts: Iterable[str]) -> tuple[Window, ...]:
    windows = tuple(_window(profile, text) for text in texts)
    if not windows:
        raise BadProfile(f"Profile {profile}: a channel with no hours at all could never be used.")
    return windows


def _window(profile: str, text: str) -> Window:
    found = HOURS.fullmatch(text)
    if found is None or found["first"] not in DAYS or (found["last"] or found["first"]) not in DAYS:
        raise BadProfile(f"Profile {profile}: “{text}” is not understood; write it like “Mon-Fri 08:00-20:00”.")
    first, last = DAYS.index(found["first"]), DAYS.index(found["last"] or found["first"])
    opens, closes = time.fromisoformat(found["opens"]), time.fromisoformat(found["closes"])
    if last < first or closes <= opens:
        raise BadProfile(f"Profile {profile}: “{text}” ends before it begins.")
    return Window(frozenset(range(first, last + 1)), opens, closes)


def _cap(profile: str, given: Mapping[str, Any]) -> Cap:
    if unknown := sorted(set(given) - {"counts", "most", "days", "channel"}):
        raise BadProfile(f"Profile {profile}: a cap knows no “{unknown[0]}”.")
    try:
        counts = Counts(given.get("counts", ""))
    except ValueError as exc:
        raise BadProfile(f"Profile {profile}: a cap counts attempts or contacts, not “{given.get('counts')}”.") from exc
    channel = given.get("channel", "")
    return Cap(
        counts,
        _count(profile, "most", given.get("most"), least=0),
        _count(profile, "days", given.get("days"), least=1),
        _channel(profile, channel) if channel else "",
    )


def _count(profile: str, name: str, value: object, *, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadProfile(f"Profile {profile}: “{name}” has to be a whole number from {least}, not {value!r}.")
    return value
