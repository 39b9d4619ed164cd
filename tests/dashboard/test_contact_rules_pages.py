"""Contact rules, pay runs and regions, as a manager and a collector meet them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import AuditEvent
from reminders.models import ContactProfile, PayRunDays
from reminders.queries.profiles import profiles
from reminders.rules.guardrails import Counts
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of

pytestmark = pytest.mark.django_db

RULES = {
    "code": "uk-house",
    "name": "Our own",
    "source": "Board, 3 March",
    "valid_from": "2026-01-01",
    "countries": "gb",
    "hours_call": "Mon-Thu 09:00-17:00\nFri 09:00-12:00",
    "caps": "1 contacts in 7 days\n2 call attempts in 14 days",
    "quiet_days_after_talk": "3",
}


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def fays(world: World) -> Browser:
    return browser_of(world.fay)


def text_of(browser: Browser, name: str, *args: object, **query: str) -> str:
    return browser.get(reverse(f"dashboard:{name}", args=args), query).content.decode()


def test_rules_in_force_are_listed_with_their_source(fays: Browser) -> None:
    page = text_of(fays, "contact_profiles")
    assert "Good manners" in page
    assert "12 CFR 1006.6(b)" in page
    assert "2 email contacts in 7 days" in page


def test_new_rules_are_read_as_they_were_written(fays: Browser) -> None:
    fays.post(reverse("dashboard:contact_profile_new"), RULES)
    made = next(profile for profile in profiles() if profile.id == "uk-house")
    assert (made.version, made.countries, made.quiet_days_after_talk) == (1, frozenset({"GB"}), 3)
    assert [(cap.most, cap.channel, cap.counts, cap.days) for cap in made.caps] == [
        (1, "", Counts.CONTACTS, 7),
        (2, "call", Counts.ATTEMPTS, 14),
    ]
    assert len(made.windows["call"]) == 2
    assert AuditEvent.objects.filter(verb="contact_rules_changed").exists()


def test_what_is_shown_for_editing_saves_as_the_same_rules(fays: Browser) -> None:
    fays.post(reverse("dashboard:contact_profile_new"), RULES)
    before = next(profile for profile in profiles() if profile.id == "uk-house")
    fays.post(reverse("dashboard:contact_profile", args=["uk-house"]), RULES)
    after = next(profile for profile in profiles() if profile.id == "uk-house")
    assert after == before._replace(version=2)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("caps", "three a week", "three a week"),
        ("hours_call", "Mon-Fri 9-17", "Mon-Fri 9-17"),
        ("valid_from", (localdate() + timedelta(days=3)).isoformat(), "enter today"),
    ],
)
def test_rules_that_cannot_be_read_are_refused(fays: Browser, field: str, value: str, said: str) -> None:
    answer = fays.post(reverse("dashboard:contact_profile_new"), {**RULES, field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ContactProfile.objects.exists()


def test_rules_switched_off_hold_nobody_back_until_they_are_used_again(fays: Browser) -> None:
    fays.post(reverse("dashboard:contact_profile_off", args=["au-guideline"]))
    assert "au-guideline" not in {profile.id for profile in profiles()}
    row = ContactProfile.objects.get()
    fays.post(reverse("dashboard:contact_profile_on", args=[row.pk]))
    assert next(profile.version for profile in profiles() if profile.id == "au-guideline") == 3


def test_reader_sees_the_rules_and_may_not_change_them(world: World) -> None:
    rays = browser_of(builders.ray())
    assert rays.get(reverse("dashboard:contact_profiles")).status_code == 200
    assert rays.post(reverse("dashboard:contact_profile_off", args=["default"])).status_code == 403


def test_asking_about_a_client_says_why_not(fays: Browser) -> None:
    client = builders.a_client("QUIET", country="GB", time_zone="Europe/London")
    client.contacts.update(refuses_calls=True)
    page = text_of(fays, "contact_profiles", client="QUIET", channel="call")
    assert "They asked not to be called." in page
    assert "Asked: Good manners (version 1)" in page


def test_asking_about_nobody_says_so(fays: Browser) -> None:
    assert "There is no client" in text_of(fays, "contact_profiles", client="NOBODY", channel="call")


# --- pay runs


def test_days_of_the_month_are_kept(fays: Browser) -> None:
    client = builders.a_client("RUNS")
    page = fays.post(reverse("dashboard:client_pay_runs", args=[client.pk]), {"days": "31, 15"}, follow=True)
    assert "pays on day 15 and the last day of the month" in page.content.decode()
    assert PayRunDays.objects.get().days == "15, 31"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"days": "0"}, "from 1 to 31"),
        ({"days": "15", "weeks": "2"}, "not both"),
        ({"weeks": "2"}, "Say one day on which the client paid"),
    ],
)
def test_days_that_make_no_sense_are_refused(fays: Browser, given: dict[str, str], said: str) -> None:
    client = builders.a_client("RUNS")
    answer = fays.post(reverse("dashboard:client_pay_runs", args=[client.pk]), given)
    assert (answer.status_code, said in answer.content.decode()) == (422, True)


def test_what_receipts_show_is_suggested_and_accepted(fays: Browser) -> None:
    client = builders.a_client("HABIT")
    thursday = localdate() - timedelta(days=(localdate().weekday() - 3) % 7)
    for weeks in range(8):
        builders.a_receipt(client, "10", on=thursday - timedelta(weeks=2 * weeks))
    assert "every 2 weeks on Thursday" in text_of(fays, "client_pay_runs", client.pk)
    fays.post(reverse("dashboard:client_pay_runs_accept", args=[client.pk]))
    kept = PayRunDays.objects.get()
    assert (kept.weeks, kept.is_learned, (thursday - kept.anchor_on).days % 14) == (2, True, 0)


def test_client_without_a_habit_gets_no_suggestion(fays: Browser) -> None:
    client = builders.a_client("NEW")
    answer = fays.post(reverse("dashboard:client_pay_runs_accept", args=[client.pk]), follow=True)
    assert "show no habit" in answer.content.decode()
    assert not PayRunDays.objects.exists()


# --- where a client is


@pytest.mark.parametrize(("region", "status"), [("SCT", 302), ("sct", 302), ("", 302), ("BY", 422)])
def test_region_has_to_be_one_of_the_country(fays: Browser, region: str, status: int) -> None:
    given = {"code": "SCOT", "name": "Scot", "debtor_type": "company", "currency": "GBP", "language": "en"}
    answer = fays.post(reverse("dashboard:client_new"), {**given, "country": "GB", "region": region})
    assert answer.status_code == status


def test_pay_runs_page_opens_on_any_day(fays: Browser) -> None:
    client = builders.a_client("RUNS")
    PayRunDays.objects.create(client=client, weeks=2, anchor_on=date(2026, 3, 5))
    assert 'value="2"' in text_of(fays, "client_pay_runs", client.pk)
