"""Payment terms, our own details and users, as a manager changes them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from collections_app.dashboard.forms.setup import is_iban
from collections_app.models import User
from invoices.models import AuditEvent, Organisation, PaymentTerms
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of

pytestmark = pytest.mark.django_db

TERMS = {"code": "eom10", "name": "End of month + 10", "form": "eom_then_net", "days": "10"}
USER = {"username": "noor", "first_name": "Noor", "email": "noor@northwind.example", "group": "Collector"}


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return browser_of(world.fay)


def test_trial_shows_the_due_date_and_writes_nothing(staff: Browser) -> None:
    before = PaymentTerms.objects.count()
    answer = staff.post(reverse("dashboard:terms_preview"), {**TERMS, "tried_on": "2026-01-15"})
    assert "Tue 10 Feb 2026" in answer.content.decode()
    assert PaymentTerms.objects.count() == before


def test_trial_of_half_typed_terms_says_what_is_missing(staff: Browser) -> None:
    page = staff.post(reverse("dashboard:terms_preview"), {"form": "net", "days": ""}).content.decode()
    assert "Fill in how the days are counted" in page


def test_new_default_terms_take_the_place_of_the_old(staff: Browser) -> None:
    staff.post(reverse("dashboard:terms_new"), {**TERMS, "is_default": "on"})
    assert [terms.code for terms in PaymentTerms.objects.filter(is_default=True)] == ["eom10"]


def test_default_terms_cannot_be_left_without_a_successor(staff: Browser, world: World) -> None:
    answer = staff.post(reverse("dashboard:terms_edit", args=[world.terms.pk]), TERMS)
    assert "there must be one" in answer.context["form"].errors["is_default"][0]


def test_fixed_day_needs_its_day(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:terms_new"), {**TERMS, "form": "day_of_next_month"})
    assert "from 1 to 31" in answer.context["form"].errors["day_of_month"][0]


def test_changed_bank_details_are_audited_with_both_values(staff: Browser) -> None:
    builders.an_organisation(iban="GB33BUKB20201555555555", country="GB", currency="GBP")
    data = {"name": "Northwind Tools", "country": "GB", "currency": "GBP", "email": "accounts@northwind.example"}
    data |= {"write_off_limit": "500", "small_difference": "1"}
    staff.post(reverse("dashboard:settings"), {**data, "iban": "GB82 WEST 1234 5698 7654 32"})
    event = AuditEvent.objects.get(verb="organisation_changed")
    assert (event.before["iban"], event.after["iban"]) == ("GB33BUKB20201555555555", "GB82WEST12345698765432")


def test_limit_of_one_person_is_changed_with_a_trace(staff: Browser) -> None:
    data = {"name": "Northwind Tools", "country": "GB", "currency": "GBP", "email": "accounts@northwind.example"}
    staff.post(reverse("dashboard:settings"), {**data, "write_off_limit": "250", "small_difference": "0.50"})
    event = AuditEvent.objects.get(verb="organisation_changed")
    assert (event.before["write_off_limit"], event.after["write_off_limit"]) == ("500.000", "250")


@pytest.mark.parametrize("name", ["write_off_limit", "small_difference"])
def test_limit_is_never_negative(staff: Browser, name: str) -> None:
    answer = staff.post(reverse("dashboard:settings"), {"name": "Northwind Tools", name: "-1"})
    assert "greater than or equal to 0" in answer.context["form"].errors[name][0]


def test_wrong_iban_is_refused(staff: Browser) -> None:
    data = {"name": "Northwind Tools", "country": "GB", "currency": "GBP", "iban": "GB82WEST12345698765423"}
    answer = staff.post(reverse("dashboard:settings"), data)
    assert "check digits" in answer.context["form"].errors["iban"][0]
    assert not Organisation.objects.filter(iban__startswith="GB82").exists()


@pytest.mark.parametrize(
    ("iban", "fits"),
    [
        ("GB82WEST12345698765432", True),
        ("DE89370400440532013000", True),
        ("DE88370400440532013000", False),
        ("X", False),
    ],
)
def test_iban_is_judged_by_its_check_digits(iban: str, fits: bool) -> None:
    assert is_iban(iban) is fits


def test_added_user_may_log_in_and_is_in_his_group(staff: Browser) -> None:
    staff.post(reverse("dashboard:user_new"), {**USER, "is_active": "on", "password": "correct horse battery"})
    user = User.objects.get(username="noor")
    assert user.check_password("correct horse battery")
    assert [group.name for group in user.groups.all()] == ["Collector"]


def test_short_password_is_refused(staff: Browser) -> None:
    answer = staff.post(reverse("dashboard:user_new"), {**USER, "is_active": "on", "password": "short"})
    assert answer.context["form"].errors["password"]


def test_last_manager_cannot_be_made_a_collector(staff: Browser, world: World) -> None:
    data = {**USER, "username": "fay", "is_active": "on"}
    answer = staff.post(reverse("dashboard:user_edit", args=[world.fay.pk]), data)
    assert "is the only manager" in answer.content.decode()


def test_user_moves_to_another_group_and_it_is_audited(staff: Browser) -> None:
    ray = builders.ray()
    data: dict[str, Any] = {"username": "ray", "first_name": "Ray", "email": ray.email, "is_active": "on"}
    staff.post(reverse("dashboard:user_edit", args=[ray.pk]), {**data, "group": "Collector"})
    event = AuditEvent.objects.get(verb="user_regrouped")
    assert (event.before, event.after) == ({"group": "Read-only"}, {"group": "Collector"})


def test_collector_has_no_settings(world: World) -> None:
    collector = User.objects.create_user("noor")
    collector.groups.set([builders.Group.objects.get(name="Collector")])
    assert browser_of(collector).get(reverse("dashboard:settings")).status_code == 403
