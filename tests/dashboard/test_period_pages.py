"""The page of closed months: for managers; shows the totals and the check before anything is closed."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import Invoice, Organisation, Receipt
from invoices.rules.periods import month_before
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    builders.an_organisation()
    return a_world()


@pytest.fixture
def manager(world: World) -> Browser:
    return browser_of(world.fay)


def browser_in(group: str) -> Browser:
    ray = builders.ray()
    ray.groups.set([Group.objects.get(name=group)])
    return browser_of(ray)


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


LAST = month_before(localdate())
KEY = f"{LAST.first_on:%Y-%m}"


def closed() -> bool:
    return Organisation.objects.get(pk=1).locked_through == LAST.last_on


@pytest.mark.parametrize("group", ["Collector", "Read-only"])
@pytest.mark.parametrize("name", ["periods", "period_close", "period_reopen"])
def test_others_than_managers_are_kept_out(world, group, name):
    browser = browser_in(group)
    answer = (
        browser.get(reverse("dashboard:periods"))
        if name == "periods"
        else browser.post(reverse(f"dashboard:{name}"), {"month": KEY, "reason": "why"})
    )
    assert answer.status_code == 403
    assert Organisation.objects.get(pk=1).locked_through is None


def test_month_is_looked_at_with_its_totals_and_the_check(manager):
    text = words(manager.get(reverse("dashboard:periods"), {"month": KEY}))
    assert "Every stored amount agrees with the entries." in text
    assert f"Close through {LAST.last_on.day} " in text
    assert not closed()


def test_looking_at_no_month_checks_nothing(manager):
    answer = manager.get(reverse("dashboard:periods"))
    assert (answer.context["month"], answer.context["totals"], answer.context["differences"]) == (None, [], [])


def test_manager_closes_and_opens_again_with_a_reason(manager):
    text = words(manager.post(reverse("dashboard:period_close"), {"month": KEY}, follow=True))
    assert f"{LAST.first_on:%B %Y} is closed" in text
    assert closed()
    text = words(manager.post(reverse("dashboard:period_reopen"), {"reason": "Statement was late"}, follow=True))
    assert f"{LAST.first_on:%B %Y} is open again" in text
    assert not closed()


def test_opening_without_a_reason_is_refused(manager):
    manager.post(reverse("dashboard:period_close"), {"month": KEY})
    text = words(manager.post(reverse("dashboard:period_reopen"), follow=True))
    assert "Say why the month is opened again" in text
    assert closed()


@pytest.mark.parametrize("month", ["", "2999-01", f"{localdate():%Y-%m}", "nonsense"])
def test_month_that_cannot_be_closed_is_refused(manager, month):
    text = words(manager.post(reverse("dashboard:period_close"), {"month": month}, follow=True))
    assert "is not over, or closed already" in text
    assert not closed()


def test_wrong_books_are_named_and_no_button_is_offered(manager, world):
    Invoice.objects.filter(pk=world.overdue.pk).update(open_amount=1)
    text = words(manager.get(reverse("dashboard:periods"), {"month": KEY}))
    assert f"Invoice {world.overdue}, open amount: stored 1.000" in text
    assert "Close through" not in text
    manager.post(reverse("dashboard:period_close"), {"month": KEY})
    assert not closed()


def test_receipt_form_says_that_the_month_is_closed(manager, world):
    manager.post(reverse("dashboard:period_close"), {"month": KEY})
    given = {"client": "SLOWCO", "amount": "5", "currency": "GBP", "received_on": LAST.last_on, "method": "bank"}
    answer = manager.post(reverse("dashboard:receipt_new"), given)
    assert answer.status_code == 422
    assert "The books are closed through" in words(answer)
    assert Receipt.objects.count() == 1


def test_draft_dated_in_a_closed_month_is_not_issued(manager, world):
    manager.post(reverse("dashboard:period_close"), {"month": KEY})
    Invoice.objects.filter(pk=world.draft.pk).update(issued_on=LAST.last_on)
    text = words(manager.post(reverse("dashboard:invoice_issue", args=[world.draft.pk]), follow=True))
    world.draft.refresh_from_db()
    assert "The books are closed through" in text
    assert world.draft.status == "draft"
