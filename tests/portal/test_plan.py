"""Paying in parts: agreed at once within the rules, asked for outside of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import localdate

from invoices.models import ClientRequest, Organisation, PaymentPlan
from reminders.models import Acknowledgement, DunningBlock, Task
from reminders.services.promises import make_promise
from tests.invoices.payment_stories import a_client, an_invoice
from tests.portal.test_pages import text_of

URL = "/p/pay-in-parts/"


@pytest.fixture(autouse=True)
def books_in_euros(acme):
    Organisation.objects.update(currency="EUR")


def wish(*invoices, step="agree", **fields):
    first_on = (localdate() + timedelta(days=7)).isoformat()
    ids = [invoice.pk for invoice in invoices]
    return {"invoice": ids, "parts": 3, "frequency": "monthly", "first_on": first_on, "step": step, **fields}


def test_schedule_is_shown_before_anything_is_agreed(ann, invoice):
    text = text_of(ann.post(URL, wish(invoice, step="show")))
    assert "33.34" in text
    assert "Agree to this plan" in text
    assert not PaymentPlan.objects.exists()


def test_plan_within_the_rules_holds_at_once_and_is_confirmed(ann, invoice):
    answer = ann.post(URL, wish(invoice), follow=True)
    plan, mail = PaymentPlan.objects.get(), Acknowledgement.objects.get()
    assert (plan.status, plan.how, plan.agreed_by, plan.total_amount) == ("active", "portal", "Ann Lee", 100)
    assert mail.kind == "plan_agreed"
    assert "Your plan holds: 3 parts." in text_of(answer)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"parts": 20}, "longer than 6 months"),
        ({"first_on": (localdate() + timedelta(days=60)).isoformat()}, "within 31 days"),
    ],
)
def test_plan_outside_the_rules_becomes_a_request(ann, invoice, fields, why):
    text = text_of(ann.post(URL, wish(invoice, step="show", **fields)))
    assert why in text
    assert "Send it as a request" in text
    assert ann.post(URL, wish(invoice, **fields)).status_code == 400  # agreeing to it is not possible
    assert not PaymentPlan.objects.exists()
    ann.post(URL, wish(invoice, step="ask", text="Cash comes in May.", **fields))
    request, mail = ClientRequest.objects.get(), Acknowledgement.objects.get()
    assert (request.kind, request.text, request.data["parts"]) == ("plan", "Cash comes in May.", fields.get("parts", 3))
    assert (mail.kind, Task.objects.get().kind) == ("request_received", "client_request")
    assert DunningBlock.objects.get().reason == "reply"


def test_sum_above_the_limit_is_asked_for(ann, acme):
    large = an_invoice(acme, "5000.01")
    assert "5000.01 EUR is above the limit of 5000.00 EUR" in text_of(ann.post(URL, wish(large, step="show")))


def test_broken_plan_means_that_we_talk_about_the_next(ann, acme, invoice):
    ann.post(URL, wish(invoice))
    PaymentPlan.objects.update(status="broken", ended_on=localdate())
    PaymentPlan.objects.get().items.update(is_live=False)
    assert "An earlier plan was not kept" in text_of(ann.post(URL, wish(invoice, step="show")))


def test_page_that_stood_open_while_money_came_in_agrees_nothing(ann, invoice):
    answer = ann.post(URL, wish(invoice, total="120.00"))
    assert "100.00 EUR is open by now, not 120.00." in text_of(answer)
    assert not PaymentPlan.objects.exists()
    assert ann.post(URL, wish(invoice, total="100.00")).status_code == 302


def test_what_is_agreed_is_what_was_shown(ann, invoice):
    text = text_of(ann.post(URL, wish(invoice, step="show")))
    assert '<input type="hidden" name="parts" value="3">' in text
    assert '<input type="hidden" name="total" value="100.00">' in text


def test_item_of_a_plan_cannot_go_into_another(ann, invoice):
    ann.post(URL, wish(invoice))
    assert ann.post(URL, wish(invoice)).status_code == 400
    assert PaymentPlan.objects.count() == 1


def test_open_promise_gives_way_to_the_plan(ann, acme, invoice):
    day = localdate() + timedelta(days=3)
    promise = make_promise(
        acme, items=[invoice], amount=Decimal(100), currency="EUR", promised_on=day, actor="Fay", made_by="Ann"
    )
    ann.post(URL, wish(invoice))
    promise.refresh_from_db()
    assert promise.status == "replaced"


@pytest.mark.parametrize("step", ["show", "agree", "ask"])
def test_foreign_invoice_does_not_exist(ann, acme, step):
    other = an_invoice(a_client("SLOWCO", "Slowco"))
    assert ann.post(URL, wish(other, step=step)).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [{"parts": 1}, {"parts": 25}, {"parts": "x"}, {"first_on": "2020-01-01"}, {"frequency": "daily"}, {"invoice": []}],
)
@pytest.mark.parametrize("step", ["show", "agree", "ask"])
def test_rubbish_is_told_and_writes_nothing(ann, invoice, fields, step):
    assert ann.post(URL, {**wish(invoice, step=step), **fields}).status_code == 400
    assert (PaymentPlan.objects.count(), ClientRequest.objects.count()) == (0, 0)
