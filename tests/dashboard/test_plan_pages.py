"""Payment plans and deferrals in the browser: agreed, approved, changed, cancelled; what the client sees of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import Client, Invoice, Payment, PaymentPlan
from reminders.links import portal_token
from tests.builders import a_receipt, an_invoice, an_organisation, fay, ray, slowco

D = Decimal


def in_days(days: int) -> str:
    return (localdate() + timedelta(days=days)).isoformat()


@pytest.fixture
def client(db: None) -> Client:
    an_organisation(currency="GBP")
    return slowco()


@pytest.fixture
def invoice(client: Client) -> Invoice:
    return an_invoice(client, days_late=5, amount="900.00")


def browser(user: Any, group: str) -> Browser:
    user.groups.set([Group.objects.get_or_create(name=group)[0]])
    found = Browser()
    found.force_login(user)
    return found


@pytest.fixture
def staff(client: Client) -> Browser:
    return browser(fay(), "Collector")


def typed(*items: Invoice, **given: Any) -> dict[str, Any]:
    usual = {"parts": "3", "frequency": "monthly", "first_on": in_days(7), "how": "call", "grace_days": "5"}
    return {"items": [item.pk for item in items], **usual, **given}


def agreed(staff: Browser, invoice: Invoice, **given: Any) -> PaymentPlan:
    answer = staff.post(reverse("dashboard:plan_new", args=[invoice.client_id]), typed(invoice, **given))
    assert answer.status_code == 302, answer.context["form"].errors
    return PaymentPlan.objects.latest("pk")


def test_form_shows_the_schedule_and_that_it_holds_at_once(staff, client, invoice):
    page = staff.get(reverse("dashboard:plan_new", args=[client.pk])).content.decode()
    assert page.count("300.00") == 3
    assert "Within the limits" in page


def test_preview_says_at_once_that_a_manager_decides_and_writes_nothing(staff, client, invoice):
    an_organisation(plan_limit=500)
    answer = staff.post(
        reverse("dashboard:plan_new", args=[client.pk]),
        typed(invoice, parts="2"),
        headers={"HX-Request": "true", "HX-Target": "plan-preview"},
    )
    page = answer.content.decode()
    assert page.count("450.00") == 2
    assert "above the limit of 500.00 GBP" in page
    assert "<html" not in page
    assert not PaymentPlan.objects.exists()


def test_plan_is_agreed_and_shown_everywhere(staff, client, invoice):
    plan = agreed(staff, invoice, agreed_by="Ann Lee")
    a_receipt(client, "300.00", pays=invoice)
    for url in (
        reverse("dashboard:plan", args=[plan.pk]),
        reverse("dashboard:plans"),
        reverse("dashboard:client", args=[client.pk]),
        reverse("dashboard:invoice", args=[invoice.pk]),
    ):
        page = staff.get(url)
        assert page.status_code == 200
        assert f"lan {plan.pk}" in page.content.decode()
    assert "Payment plan" in staff.get(reverse("dashboard:client", args=[client.pk])).content.decode()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"parts": "0"}, "greater than or equal to 1"),
        ({"first_on": "2020-01-01"}, "before today"),
        ({"given": "tomorrow 5"}, "is no day and amount"),
        ({"payoff_percent": "10"}, "needs both"),
    ],
)
def test_what_cannot_be_agreed_is_said_and_nothing_typed_is_lost(staff, client, invoice, given, sentence):
    answer = staff.post(reverse("dashboard:plan_new", args=[client.pk]), typed(invoice, agreed_by="Ann", **given))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="Ann"' in answer.content.decode()


def test_given_instalments_take_the_place_of_equal_ones(staff, client, invoice):
    plan = agreed(staff, invoice, given=f"{in_days(7)} 100\n{in_days(60)} 800.00")
    assert [one.amount for one in plan.instalments.all()] == [100, 800]


def test_manager_approves_what_a_collector_proposed(staff, client, invoice):
    an_organisation(plan_limit=500)
    plan = agreed(staff, invoice)
    assert plan.status == "proposed"
    assert staff.post(reverse("dashboard:plan_approve", args=[plan.pk])).status_code == 403
    manager = browser(ray(), "Manager")
    assert "Approve" in manager.get(reverse("dashboard:plan", args=[plan.pk])).content.decode()
    manager.post(reverse("dashboard:plan_approve", args=[plan.pk]))
    plan.refresh_from_db()
    assert plan.status == "active"


def test_collector_takes_his_own_proposal_back(staff, client, invoice):
    an_organisation(plan_limit=500)
    plan = agreed(staff, invoice)
    staff.post(reverse("dashboard:plan_refuse", args=[plan.pk]))
    plan.refresh_from_db()
    assert plan.status == "refused"


def test_plan_is_changed_and_cancelled(staff, client, invoice):
    plan = agreed(staff, invoice)
    assert staff.get(reverse("dashboard:plan_change", args=[plan.pk])).status_code == 200
    staff.post(reverse("dashboard:plan_change", args=[plan.pk]), typed(invoice, parts="6"))
    new = PaymentPlan.objects.latest("pk")
    assert (new.replaces, new.instalments.count()) == (plan, 6)
    assert staff.post(reverse("dashboard:plan_cancel", args=[new.pk]), {"reason": ""}).status_code == 422
    staff.post(reverse("dashboard:plan_cancel", args=[new.pk]), {"reason": "pays at once"})
    new.refresh_from_db()
    assert new.status == "cancelled"


def test_payoff_says_what_is_missing_first_and_then_waives_the_rest(staff, client, invoice):
    plan = agreed(staff, invoice, payoff_percent="10", payoff_until=in_days(30))
    page = staff.get(reverse("dashboard:plan", args=[plan.pk])).content.decode()
    assert "810.00" in page
    staff.post(reverse("dashboard:plan_payoff", args=[plan.pk]))
    a_receipt(client, "810.00", pays=invoice)
    staff.post(reverse("dashboard:plan_payoff", args=[plan.pk]))
    plan.refresh_from_db()
    invoice.refresh_from_db()
    assert (plan.status, invoice.open_amount) == ("kept", 0)


def test_confirmation_is_a_pdf(staff, client, invoice):
    plan = agreed(staff, invoice)
    answer = staff.get(reverse("dashboard:plan_pdf", args=[plan.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_reader_agrees_nothing(client, invoice):
    reader = browser(ray(), "Read-only")
    assert reader.post(reverse("dashboard:plan_new", args=[client.pk]), typed(invoice)).status_code == 403
    assert reader.get(reverse("dashboard:plans")).status_code == 200


# --- the client's side


def test_client_sees_the_next_instalment_as_what_is_due_and_pays_it(staff, client, invoice, settings):
    agreed(staff, invoice)
    ann = Browser()
    ann.get(f"/p/{portal_token(client.contacts.get())}/")
    page = ann.get("/p/").content.decode()
    assert "Your next instalment is" in page
    assert "In your payment plan" in page
    assert "days overdue" not in page
    ann.post(
        reverse("portal:pay"), {"currency": "GBP", "choice": "selected", "amount": "300.00", "invoice": [invoice.pk]}
    )
    assert Payment.objects.get().amount == 300


# --- deferrals


def test_due_date_is_deferred_again_and_taken_back(staff, client, invoice):
    printed = invoice.due_on
    url = reverse("dashboard:invoice_defer", args=[invoice.pk])
    assert "What will happen" in staff.get(url).content.decode()
    for days in (10, 20):
        staff.post(url, {"new_due_on": in_days(days), "reason": "stock is late", "agreed_by": "Ann"})
    invoice.refresh_from_db()
    assert (invoice.due_on.isoformat(), invoice.original_due_on) == (in_days(20), printed)
    assert "deferred from" in staff.get(reverse("dashboard:invoice", args=[invoice.pk])).content.decode()
    staff.post(reverse("dashboard:invoice_defer_back", args=[invoice.pk]))
    invoice.refresh_from_db()
    assert (invoice.due_on, invoice.original_due_on, invoice.deferrals.count()) == (printed, printed, 3)


@pytest.mark.parametrize(("days", "sentence"), [(-1, "is over already"), (-10, "choose a later day")])
def test_date_that_is_no_deferral_is_refused(staff, invoice, days, sentence):
    url = reverse("dashboard:invoice_defer", args=[invoice.pk])
    answer = staff.post(url, {"new_due_on": in_days(days), "reason": "x"})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_invoice_in_a_plan_is_not_deferred(staff, client, invoice):
    agreed(staff, invoice)
    url = reverse("dashboard:invoice_defer", args=[invoice.pk])
    answer = staff.post(url, {"new_due_on": in_days(20), "reason": "x"})
    assert "is in plan" in answer.content.decode()
