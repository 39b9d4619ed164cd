"""Refunds of online payments: decided here, asked for at the card processor once, and followed when they fail later."""

from __future__ import annotations

from decimal import Decimal

import pytest

from invoices.errors import ExceedsOpen, LedgerError
from invoices.models import AuditEvent, Payment, ProcessorRefund, RefundStatus
from invoices.queries.ledger import ledger_differences
from invoices.services.checkout import press_test_button
from invoices.services.payments import sync
from invoices.services.receipts import undo_allocation
from invoices.services.refund_requests import send_refunds
from invoices.services.refunds import NewRefund, decide_refund, refund_receipt
from tests.builders import an_organisation, fay, ray
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, open_amounts, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(card_processor):  # noqa: F811
    return card_processor


@pytest.fixture(autouse=True)
def books_are_right(db):
    an_organisation(write_off_limit=500, currency="EUR")
    yield
    assert list(ledger_differences()) == []


@pytest.fixture
def paid(fake):
    """100.00 that came in online and was taken off its invoice again."""
    payment = pay(an_invoice(a_client()))
    fake.bank.pay(payment.session_id)
    payment = sync(payment.pk)
    undo_allocation(payment.receipt.allocations.get().pk, actor="Fay")
    payment.receipt.refresh_from_db()
    return payment


def refund(payment, amount="40.00", actor="Fay"):
    return refund_receipt(payment.receipt_id, NewRefund(Decimal(amount), "Paid twice"), actor=actor)


def on_account(payment):
    payment.receipt.refresh_from_db()
    return payment.receipt.unapplied_amount


def asked(fake):
    return [request for request in fake.requests if request[:2] == ("POST", "/v1/refunds")]


def test_refund_is_asked_for_once_and_booked_when_the_processor_tells(fake, paid):
    made = refund(paid)
    assert (made.status, on_account(paid), asked(fake)) == (RefundStatus.BOOKED, 100, [])
    assert [send_refunds(), send_refunds()] == [1, 0]
    assert (on_account(paid), len(asked(fake)), made.at_processor.status) == (60, 1, "succeeded")
    assert Payment.objects.get().refunded_amount == 40


def test_not_more_than_is_on_account_is_refunded_also_before_it_was_asked_for(fake, paid):
    refund(paid, "60.00")
    with pytest.raises(ExceedsOpen, match=r"40\.00 EUR"):
        refund(paid, "40.01")


def test_pending_refund_that_fails_later_is_on_account_again(fake, paid):
    fake.ledger.refund_status = "pending"
    made = refund(paid)
    send_refunds()
    assert (made.at_processor.status, on_account(paid)) == ("pending", 60)
    fake.bank.fail_refund(made.at_processor.processor_id)
    sync(paid.pk)
    made.at_processor.refresh_from_db()
    assert (made.at_processor.status, made.at_processor.failure) == ("failed", "lost or stolen card")
    assert on_account(paid) == 100
    assert "failed" in AuditEvent.objects.get(verb="refund_failed").text


def test_above_the_limit_a_second_person_decides_before_the_processor_is_asked(fake):
    payment = pay(an_invoice(a_client(), "900.00"))
    fake.bank.pay(payment.session_id)
    payment = sync(payment.pk)
    undo_allocation(payment.receipt.allocations.get().pk, actor="Fay")
    made = refund(payment, "600.00", actor=fay())
    send_refunds()
    assert (made.status, asked(fake)) == (RefundStatus.PROPOSED, [])
    with pytest.raises(LedgerError, match="second person"):
        decide_refund(made.pk, is_approved=True, actor=fay())
    decide_refund(made.pk, is_approved=True, actor=ray())
    send_refunds()
    assert on_account(payment) == 300


def test_refused_by_the_processor_stays_on_account_and_says_why(fake, paid):
    fake.ledger.of_kind("charge")[0]["status"] = "failed"
    made = refund(paid)
    assert send_refunds() == 0
    made.at_processor.refresh_from_db()
    assert (made.at_processor.status, on_account(paid)) == ("refused", 100)
    assert "not succeeded" in made.at_processor.failure
    assert send_refunds() == 0


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "error_before", "error_after", "busy"])
def test_silence_is_unknown_and_never_refunds_twice(fake, paid, fault):
    made = refund(paid)
    fake.fault(fault, path="/v1/refunds", times=4)
    for _ in range(5):
        send_refunds()
    made.at_processor.refresh_from_db()
    assert (made.at_processor.status, on_account(paid)) == ("succeeded", 60)
    assert len(fake.ledger.of_kind("refund")) == 1


def test_key_forgotten_by_the_processor_still_refunds_once(fake, paid, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt

    made = refund(paid)
    with monkeypatch.context() as patched:
        patched.setattr("invoices.services.refund_requests.follow_refund", crash)
        with pytest.raises(KeyboardInterrupt):
            send_refunds()
    fake.answers_by_key.clear()
    send_refunds()
    assert len(fake.ledger.of_kind("refund")) == 1
    assert ProcessorRefund.objects.get(refund=made).status == "succeeded"


def test_refund_made_at_the_processor_itself_needs_no_row_of_ours(fake, paid):
    fake.bank.refund(paid.session_id, amount=2500)
    sync(paid.pk)
    assert (on_account(paid), ProcessorRefund.objects.count()) == (75, 0)


def test_refund_of_the_test_page(settings):
    settings.STRIPE_SECRET_KEY, settings.TEST_PAYMENTS = "", True
    invoice = an_invoice(a_client())
    payment = press_test_button(pay(invoice), "pay")
    undo_allocation(payment.receipt.allocations.get().pk, actor="Fay")
    refund(payment, "12.34")
    assert [send_refunds(), send_refunds()] == [1, 0]
    sync(payment.pk)
    assert (on_account(payment), open_amounts(invoice)) == (Decimal("87.66"), [100])
