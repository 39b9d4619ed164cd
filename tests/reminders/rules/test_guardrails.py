from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from reminders.queries.profiles import shipped_profiles
from reminders.rules.guardrails import (
    Cap,
    Counts,
    Profile,
    Touch,
    Where,
    Window,
    applicable,
    closed_day,
    outside_hours,
    over_the_cap,
)
from reminders.rules.profile_reading import BadProfile, read_profile

TODAY = date(2026, 6, 10)  # a Wednesday
SHOP = Where("GB", "", "company")
GIVEN = {"id": "x", "version": 1, "name": "X", "source": "house", "valid_from": date(2020, 1, 1)}


def profile(**fields: object) -> Profile:
    return Profile("x", 1, "X", "house", date(2020, 1, 1))._replace(**fields)


def before(days: int, channel: str = "email", **fields: bool) -> Touch:
    return Touch(TODAY - timedelta(days=days), channel, **fields)


@pytest.mark.parametrize(
    ("cap", "history", "again_on"),
    [
        (Cap(Counts.CONTACTS, 2, 7), [], None),
        (Cap(Counts.CONTACTS, 2, 7), [before(1)], None),
        (Cap(Counts.CONTACTS, 2, 7), [before(6), before(1)], date(2026, 6, 11)),
        (Cap(Counts.CONTACTS, 2, 7), [before(7), before(1)], None),  # the eighth day no longer counts
        (Cap(Counts.CONTACTS, 2, 7), [before(5), before(3), before(1)], date(2026, 6, 14)),
        (Cap(Counts.CONTACTS, 1, 7), [before(2, "call", is_contact=False)], None),
        (Cap(Counts.ATTEMPTS, 1, 7), [before(2, "call", is_contact=False)], date(2026, 6, 15)),
        (Cap(Counts.CONTACTS, 1, 7, "sms"), [before(2)], None),
        (Cap(Counts.CONTACTS, 1, 7, "email"), [before(2)], date(2026, 6, 15)),
        (Cap(Counts.CONTACTS, 1, 7), [before(2, "letter")], None),  # letters are not counted
    ],
)
def test_a_cap_looks_back_so_many_days(cap, history, again_on):
    refusal = over_the_cap([profile(caps=(cap,))], "email", history, TODAY)
    assert (refusal.again_on if refusal else None) == again_on


def test_one_more_is_allowed_on_the_day_that_a_refusal_names():
    rules = [profile(caps=(Cap(Counts.CONTACTS, 3, 7), Cap(Counts.CONTACTS, 4, 30)))]
    history = [before(20), before(5), before(3), before(1)]
    refusal = over_the_cap(rules, "email", history, TODAY)
    assert over_the_cap(rules, "email", history, refusal.again_on) is None
    assert over_the_cap(rules, "email", history, refusal.again_on - timedelta(days=1)) is not None


def test_of_two_profiles_the_strictest_wins():
    loose = profile(caps=(Cap(Counts.CONTACTS, 1, 3),))
    strict = profile(caps=(Cap(Counts.CONTACTS, 1, 9),))._replace(id="strict", version=4)
    refusal = over_the_cap([loose, strict], "email", [before(1)], TODAY)
    assert (refusal.profile, refusal.version, refusal.figures["days"]) == ("strict", 4, 9)


def test_letters_and_decisions_are_not_counted():
    assert over_the_cap([profile(caps=(Cap(Counts.CONTACTS, 0, 7),))], "letter", [], TODAY) is None


def test_no_call_for_seven_days_after_a_talk_whose_day_is_the_first():
    rules = [profile(quiet_days_after_talk=7)]
    talk = [before(1, "call", is_talk=True)]
    assert over_the_cap(rules, "call", talk, TODAY).again_on == date(2026, 6, 16)
    assert over_the_cap(rules, "call", talk, date(2026, 6, 16)) is None
    assert over_the_cap(rules, "email", talk, TODAY) is None


def moment(text: str, zone: str = "Europe/London") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


OFFICE = profile(windows={"call": (Window(frozenset(range(5)), time(8), time(20)),)}, works_on_holidays=False)


@pytest.mark.parametrize(
    ("at", "rule"),
    [
        ("2026-06-10 07:59", "hours"),
        ("2026-06-10 08:00", None),
        ("2026-06-10 19:59", None),
        ("2026-06-10 20:00", "hours"),
        ("2026-06-13 12:00", "day"),  # Saturday
        ("2026-12-25 12:00", "day"),  # Christmas, a Friday
    ],
)
def test_hours_are_the_clients(at, rule):
    refusal = outside_hours([OFFICE], "call", SHOP, [moment(at)])
    assert (refusal.rule if refusal else None) == rule


def test_hours_have_to_hold_in_every_zone_where_the_client_may_be():
    zones = [moment("2026-06-10 12:00", "America/New_York"), moment("2026-06-10 07:00", "America/Los_Angeles")]
    assert outside_hours([OFFICE], "call", Where("US", "", "company"), zones).figures["local"] == "Wed 07:00"


def test_a_channel_without_hours_may_be_used_at_any_hour():
    assert outside_hours([profile()], "email", SHOP, [moment("2026-06-14 03:00")]) is None


def test_a_closed_day_names_the_next_open_one():
    assert closed_day([OFFICE], "call", SHOP, date(2026, 12, 25)).again_on == date(2026, 12, 29)  # Boxing Day moves
    assert closed_day([OFFICE], "email", SHOP, date(2026, 12, 26)) is None


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (SHOP, {"default"}),
        (Where("US", "", "company"), {"default"}),
        (Where("US", "", "consumer"), {"default", "us-reg-f"}),
        (Where("US", "MA", "consumer"), {"default", "us-reg-f", "us-ma"}),
        (Where("AU", "", "company"), {"default", "au-guideline"}),
        (Where("CA", "ON", "sole_trader"), {"default", "ca-on"}),
        (Where("CA", "QC", "consumer"), {"default", "ca-qc"}),
    ],
)
def test_shipped_profiles_fit_by_country_region_and_kind_of_debtor(where, expected):
    assert {p.id for p in applicable(shipped_profiles(), where, TODAY)} == expected


def test_a_profile_applies_from_its_day_and_the_newest_version_wins():
    first = profile(valid_from=date(2026, 1, 1))
    second = profile(valid_from=date(2026, 7, 1))._replace(version=2)
    assert applicable([first, second], SHOP, date(2025, 12, 31)) == []
    assert applicable([first, second], SHOP, TODAY) == [first]
    assert applicable([second, first], SHOP, date(2026, 7, 1)) == [second]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"hour": {}}, "no rule that is known"),
        ({"source": ""}, "“source” is missing"),
        ({"hours": {"fax": ["Mon 08:00-09:00"]}}, "no channel"),
        ({"hours": {"call": []}}, "could never be used"),
        ({"hours": {"call": ["Monday 8-9"]}}, "not understood"),
        ({"hours": {"call": ["Fri-Mon 08:00-20:00"]}}, "ends before it begins"),
        ({"hours": {"call": ["Mon 20:00-08:00"]}}, "ends before it begins"),
        ({"caps": [{"counts": "talks", "most": 1, "days": 7}]}, "attempts or contacts"),
        ({"caps": [{"counts": "contacts", "most": -1, "days": 7}]}, "whole number from 0"),
        ({"caps": [{"counts": "contacts", "most": 1, "days": 0}]}, "whole number from 1"),
        ({"caps": [{"counts": "contacts", "most": 1, "days": 7, "per": "debt"}]}, "knows no “per”"),
    ],
)
def test_a_mistyped_profile_is_refused_by_name(given, words):
    with pytest.raises(BadProfile, match=words):
        read_profile({**GIVEN, **given})
