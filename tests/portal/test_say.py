"""What a client says instead of paying."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from invoices.models import Client, Dispute
from reminders.models import Acknowledgement, DunningBlock, PromiseToPay, Task
from tests.invoices.payment_stories import a_client, an_invoice


def in_days(days: int) -> str:
    return (localdate() + timedelta(days=days)).isoformat()


def test_promise_is_taken_and_confirmed_by_mail(ann, invoice):
    answer = ann.post("/p/promise/", {"invoice": invoice.pk, "promised_on": in_days(7)}, follow=True)
    promise, mail = PromiseToPay.objects.get(), Acknowledgement.objects.get()
    assert (promise.amount, promise.how, promise.made_by) == (100, "portal", "Ann Lee")
    assert (mail.kind, mail.once_key) == ("promise_confirmed", f"promise:{promise.pk}")
    assert "We expect 100.00 EUR by" in answer.content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"promised_on": in_days(-1)},
        {"promised_on": in_days(400)},
        {"promised_on": ""},
        {"promised_on": "tomorrow"},
        {"promised_on": in_days(5), "amount": "100.01"},
        {"promised_on": in_days(5), "amount": "-1"},
    ],
)
def test_promise_outside_the_limits_is_refused(ann, invoice, fields):
    assert ann.post("/p/promise/", {"invoice": invoice.pk, **fields}).status_code == 400
    assert (PromiseToPay.objects.count(), Acknowledgement.objects.count()) == (0, 0)


def test_promise_over_two_currencies_is_refused(ann, acme):
    ids = [an_invoice(acme).pk, an_invoice(acme, currency="USD").pk]
    answer = ann.post("/p/promise/", {"invoice": ids, "promised_on": in_days(5)})
    assert "each currency on its own" in answer.content.decode()


def test_problem_opens_a_dispute_and_wakes_collections(ann, acme, invoice):
    Client.objects.update(review_on=localdate() + timedelta(days=30))
    form = {"reason": "price", "amount": "40.00", "comment": "Agreed at 60."}
    ann.post(f"/p/invoices/{invoice.pk}/problem/", form)
    dispute = Dispute.objects.get()
    assert (dispute.amount, dispute.opened_by, Acknowledgement.objects.get().kind) == (
        40,
        "Ann Lee",
        "dispute_received",
    )
    assert Client.objects.get().review_on == localdate()


def test_second_problem_with_the_same_invoice_waits_for_the_first(ann, invoice):
    form = {"reason": "price", "amount": "40.00"}
    statuses = [ann.post(f"/p/invoices/{invoice.pk}/problem/", form).status_code for _ in range(2)]
    assert (statuses, Dispute.objects.count()) == ([302, 400], 1)


@pytest.mark.parametrize("fields", [{"amount": "100.01"}, {"amount": "0"}, {"reason": "spite"}, {"amount": ""}])
def test_problem_outside_the_limits_is_refused(ann, invoice, fields):
    form = {"reason": "price", "amount": "40.00", **fields}
    assert ann.post(f"/p/invoices/{invoice.pk}/problem/", form).status_code == 400
    assert not Dispute.objects.exists()


def test_saying_paid_blocks_three_business_days_and_makes_a_task(ann, invoice):
    form = {"invoice": invoice.pk, "paid_on": in_days(-2), "reference": "SEPA 4711"}
    ann.post("/p/paid-already/", form)
    block, task = DunningBlock.objects.get(), Task.objects.get()
    assert (block.reason, block.invoice) == ("paid_search", invoice)
    assert block.last_on >= localdate() + timedelta(days=3)
    assert "SEPA 4711" in task.text


@pytest.mark.parametrize("paid_on", [in_days(1), in_days(-400), ""])
def test_paid_on_a_day_that_cannot_be_is_refused(ann, invoice, paid_on):
    answer = ann.post("/p/paid-already/", {"invoice": invoice.pk, "paid_on": paid_on})
    assert (answer.status_code, DunningBlock.objects.count()) == (400, 0)


@pytest.mark.parametrize("path", ["promise", "paid-already"])
def test_foreign_invoices_do_not_exist(ann, path):
    other = an_invoice(a_client("SLOWCO", "Slowco"))
    form = {"invoice": other.pk, "promised_on": in_days(5), "paid_on": in_days(-1)}
    assert ann.post(f"/p/{path}/", form).status_code == 404
    assert ann.get(f"/p/{path}/?invoice={other.pk}").status_code == 404


@pytest.mark.parametrize("path", ["promise", "paid-already"])
def test_no_invoice_chosen_is_told(ann, invoice, path):
    form = {"promised_on": in_days(5), "paid_on": in_days(-1)}
    assert "Choose at least one invoice." in ann.post(f"/p/{path}/", form).content.decode()
