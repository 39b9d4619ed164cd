"""Card disputes with their evidence, payouts, and refunds through the card processor, as staff see them."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from pypdf import PdfReader

from invoices.models import Payout, PayoutLine, ProcessorDispute, Refund
from invoices.services.payments import sync
from invoices.services.payouts import read_payouts
from invoices.services.receipts import undo_allocation
from invoices.services.refund_requests import send_refunds
from tests.builders import an_organisation, fay, ray
from tests.dashboard.ledger_world import browser_of
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.fakes.card_processor.payouts import pay_out
from tests.invoices.payment_stories import a_client, an_invoice, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(card_processor):  # noqa: F811
    return card_processor


@pytest.fixture
def staff():
    an_organisation(currency="EUR")
    user = fay()
    user.groups.set([Group.objects.get(name="Manager")])
    return browser_of(user)


@pytest.fixture
def paid(fake, staff):
    payment = pay(an_invoice(a_client()))
    fake.bank.pay(payment.session_id)
    return sync(payment.pk)


@pytest.fixture
def dispute(fake, paid):
    fake.bank.dispute(paid.session_id)
    sync(paid.pk)
    return ProcessorDispute.objects.get()


def shown(browser, name, *args):
    answer = browser.get(reverse(f"dashboard:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def test_dispute_is_listed_with_client_amount_and_deadline(staff, dispute):
    html = shown(staff, "card_disputes")
    assert "Acme Ltd" in html
    assert "Taken back by the bank" in html
    assert "No disputes" not in html


def test_page_shows_what_would_be_sent_before_it_is(staff, dispute):
    html = shown(staff, "card_dispute", dispute.pk)
    assert "Send the evidence" in html
    assert "INV-00001" in html
    assert "client Ann Lee" in html


def test_evidence_is_one_pdf_with_summary_invoice_and_statement(staff, dispute):
    answer = staff.get(reverse("dashboard:card_dispute_evidence", args=[dispute.pk]))
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    assert answer["Content-Type"] == "application/pdf"
    assert dispute.dispute_id in text
    assert "INV-00001" in text
    assert "Statement of account" in text


def test_evidence_is_sent_once(fake, staff, dispute):
    url = reverse("dashboard:card_dispute_send", args=[dispute.pk])
    assert "is with the payer" in staff.post(url, follow=True).content.decode()
    assert "no evidence is taken now" in staff.post(url, follow=True).content.decode()
    sent = fake.ledger.get(dispute.dispute_id, "dispute")["evidence"]
    assert (sent["customer_name"], "INV-00001" in sent["uncategorized_text"]) == ("Acme Ltd", True)
    dispute.refresh_from_db()
    assert dispute.status == "under_review"


def test_silent_processor_is_said_and_the_dispute_stays_open(fake, staff, dispute):
    fake.fault("drop_before", path="/v1/disputes", times=2)
    answer = staff.post(reverse("dashboard:card_dispute_send", args=[dispute.pk]), follow=True)
    assert "does not answer" in answer.content.decode()
    dispute.refresh_from_db()
    assert dispute.status == "needs_response"


def test_reader_sees_the_dispute_but_cannot_answer(dispute):
    browser = browser_of(ray())
    assert "Send the evidence" not in shown(browser, "card_dispute", dispute.pk)
    assert browser.post(reverse("dashboard:card_dispute_send", args=[dispute.pk])).status_code == 403


def test_payouts_and_their_movements_are_listed_and_exported(fake, staff, paid):
    pay_out(fake.ledger, "eur", off_by=-1)
    read_payouts()
    payout = Payout.objects.get()
    html = shown(staff, "payouts")
    assert "Differs" in html
    assert "97.74" in html
    movements = shown(staff, "payout", payout.pk)
    assert "Acme Ltd" in movements
    assert "-0.01 apart" in movements
    csv = b"".join(staff.get(reverse("dashboard:payout", args=[payout.pk]) + "?export=csv")).decode()
    assert PayoutLine.objects.get().transaction_id in csv


def test_empty_lists_say_what_comes(staff):
    assert "No disputes" in shown(staff, "card_disputes")
    assert "No payouts yet" in shown(staff, "payouts")


def test_refund_of_an_online_payment_goes_through_the_processor(fake, staff, paid):
    undo_allocation(paid.receipt.allocations.get().pk, actor="Fay")
    url = reverse("dashboard:receipt_refund", args=[paid.receipt_id])
    answer = staff.post(url, {"amount": "40.00", "reason": "Paid twice"}, follow=True)
    assert "The card processor is asked to refund" in answer.content.decode()
    refund = Refund.objects.get()
    assert "Asked within a minute" in shown(staff, "refund", refund.pk)
    send_refunds()
    assert "Refunded" in shown(staff, "refunds")
    fake.bank.fail_refund(refund.at_processor.processor_id)
    sync(paid.pk)
    html = shown(staff, "refund", refund.pk)
    assert "The money is on account again" in html
    paid.receipt.refresh_from_db()
    assert paid.receipt.unapplied_amount == Decimal(100)
