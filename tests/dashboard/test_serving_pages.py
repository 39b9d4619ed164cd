"""Which procedure serves whom: segment rules, one invoice, and a level left out, as a manager meets them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.urls import reverse

from invoices.models import Invoice
from reminders.models import InvoicePin, NoticeLine, SegmentRule
from tests import builders
from tests.dashboard.ledger_world import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Browser:
    builders.an_organisation(currency="GBP")
    user = builders.fay()
    user.groups.set([Group.objects.get(name="Manager")])
    return browser_of(user)


@pytest.fixture
def invoice(manager: Browser) -> Invoice:
    return builders.an_invoice(builders.acme(country="GB"), days_late=3)


def text_of(browser: Browser, name: str, *args: object) -> str:
    return browser.get(reverse(f"dashboard:{name}", args=args)).content.decode()


def test_segment_rule_is_added_shown_on_the_client_and_removed(manager: Browser, invoice: Invoice) -> None:
    procedure = builders.a_procedure(name="Gentle")
    manager.post(reverse("dashboard:segment_add"), {"procedure": procedure.pk, "country": "GB"})
    assert "Gentle" in text_of(manager, "segments")
    assert "by segment rule 1: GB" in text_of(manager, "client", invoice.client_id)
    manager.post(reverse("dashboard:segment_remove", args=[SegmentRule.objects.get().pk]))
    assert "No segment rules" in text_of(manager, "segments")


def test_rule_that_fits_nobody_is_refused(manager: Browser) -> None:
    given = {"procedure": builders.a_procedure().pk, "minimum_amount": "100", "maximum_amount": "50"}
    answer = manager.post(reverse("dashboard:segment_add"), given)
    assert (answer.status_code, "Nobody owes" in answer.content.decode()) == (422, True)


def test_invoice_is_pinned_with_a_reason_and_released(manager: Browser, invoice: Invoice) -> None:
    url = reverse("dashboard:invoice_pin", args=[invoice.pk])
    procedure = builders.a_procedure()
    assert manager.post(url, {"procedure": procedure.pk, "reason": ""}).status_code == 422
    manager.post(url, {"procedure": procedure.pk, "reason": "Agreed"})
    assert InvoicePin.objects.get().procedure == procedure
    manager.post(url, {"procedure": "", "reason": ""})
    assert not InvoicePin.objects.exists()


def test_level_is_left_out_with_a_reason(manager: Browser, invoice: Invoice) -> None:
    url = reverse("dashboard:invoice_skip_level", args=[invoice.pk])
    assert manager.get(url).status_code == 200
    assert manager.post(url, {"reason": ""}).status_code == 422
    manager.post(url, {"reason": "The board spoke to them"})
    assert NoticeLine.objects.get().position == 2  # the friendly notice before the due date is over anyway


def test_reader_may_not_choose_procedures(invoice: Invoice) -> None:
    reader = browser_of(builders.ray())
    assert reader.get(reverse("dashboard:segments")).status_code == 200
    assert reader.get(reverse("dashboard:invoice_skip_level", args=[invoice.pk])).status_code == 403
