"""What is told of online payments: late failures, returns, disputes, too much money, refunds that failed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from invoices.models import Payment, ProcessorDispute
from invoices.queries.ledger import ledger_differences
from invoices.queries.payments import amounts_on_their_way
from invoices.rules.allocation import Share
from invoices.services.payments import sync
from invoices.services.receipts import NewReceipt, record_receipt, undo_allocation
from invoices.services.refund_requests import send_refunds
from invoices.services.refunds import NewRefund, refund_receipt
from reminders.models import Acknowledgement, BlockReason, DunningBlock, Notice, Task, TaskKind, TaskStatus
from reminders.services.blocks import add_block
from reminders.services.dunning_run import dunning_run
from reminders.services.payment_news import close_blocked_pages, tell_payments
from tests.builders import a_procedure, an_organisation, follow
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, open_amounts, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(card_processor):  # noqa: F811
    return card_processor


@pytest.fixture(autouse=True)
def books_are_right(db):
    an_organisation(currency="EUR")
    yield
    assert list(ledger_differences()) == []


@pytest.fixture
def invoice():
    return an_invoice(follow(a_client(), a_procedure()))


def paid(fake, invoice, *, by_debit=False):
    payment = pay(invoice)
    if by_debit:
        fake.bank.pay_later(payment.session_id)
        fake.bank.settle(payment.session_id)
    else:
        fake.bank.pay(payment.session_id)
    return sync(payment.pk)


def tasks(kind):
    return list(Task.objects.filter(kind=kind, status=TaskStatus.OPEN))


def test_debit_on_its_way_keeps_reminders_back_and_a_late_failure_brings_them_on_with_a_mail(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay_later(payment.session_id)
    sync(payment.pk)
    dunning_run(localdate())
    assert (Notice.objects.count(), tell_payments()) == (0, 0)
    fake.bank.settle(payment.session_id, is_good=False)
    sync(payment.pk)
    assert [tell_payments(), tell_payments()] == [1, 0]
    mail = Acknowledgement.objects.get()
    assert mail.kind == "payment_failed"
    assert "The bank says: The bank could not collect this debit: insufficient funds." in mail.body_text
    dunning_run(localdate())
    assert Notice.objects.count() == 1


def test_debit_that_comes_back_weeks_later_reopens_tells_the_client_and_asks_for_a_talk(fake, invoice):
    payment = paid(fake, invoice, by_debit=True)
    fake.bank.dispute(payment.session_id, status="lost", reason="insufficient_funds")
    sync(payment.pk)
    assert [tell_payments(), tell_payments()] == [1, 0]
    mail = Acknowledgement.objects.get()
    assert (mail.kind, open_amounts(invoice)) == ("payment_returned", [100])
    assert "went back" in mail.subject
    assert str(invoice) in mail.body_text
    assert "insufficient funds" in tasks(TaskKind.RETURNED_PAYMENT)[0].text
    assert (tasks(TaskKind.CARD_DISPUTE), DunningBlock.objects.count()) == ([], 0)


def test_card_dispute_asks_a_person_with_its_deadline_and_sends_nothing(fake, invoice):
    payment = paid(fake, invoice)
    dispute = fake.bank.dispute(payment.session_id)
    sync(payment.pk)
    # Before anybody was told, nothing leaves either.
    dunning_run(localdate())
    assert [tell_payments(), tell_payments()] == [1, 0]
    dunning_run(localdate())
    assert (open_amounts(invoice), Notice.objects.count(), Acknowledgement.objects.count()) == ([100], 0, 0)
    task = tasks(TaskKind.CARD_DISPUTE)[0]
    assert (task.due_on, "100.00 EUR (fraudulent)" in task.text) == (localdate() + timedelta(days=7), True)
    assert ProcessorDispute.objects.get().dispute_id == dispute["id"]


def test_dispute_won_brings_the_money_back_and_ends_the_block(fake, invoice):
    payment = paid(fake, invoice)
    dispute = fake.bank.dispute(payment.session_id)
    sync(payment.pk)
    tell_payments()
    fake.bank.close_dispute(dispute["id"], is_won=True)
    sync(payment.pk)
    assert tell_payments() == 1
    assert (open_amounts(invoice), tasks(TaskKind.CARD_DISPUTE)) == ([0], [])
    assert not DunningBlock.objects.filter(lifted_at=None).exists()


def test_dispute_lost_is_owed_and_stays_silent_until_a_person_decides(fake, invoice):
    payment = paid(fake, invoice)
    dispute = fake.bank.dispute(payment.session_id)
    sync(payment.pk)
    tell_payments()
    fake.bank.close_dispute(dispute["id"], is_won=False)
    sync(payment.pk)
    tell_payments()
    dunning_run(localdate())
    assert (open_amounts(invoice), Notice.objects.count()) == ([100], 0)
    assert "Dispute lost" in tasks(TaskKind.CARD_DISPUTE)[0].text
    assert DunningBlock.objects.get(lifted_at=None).invoice == invoice


def test_inquiry_takes_no_money_and_asks_for_an_answer(fake, invoice):
    payment = paid(fake, invoice)
    dispute = fake.bank.dispute(payment.session_id, status="warning_needs_response")
    sync(payment.pk)
    tell_payments()
    assert (open_amounts(invoice), len(tasks(TaskKind.CARD_DISPUTE))) == ([0], 1)
    fake.bank.close_dispute(dispute["id"], is_won=True)
    sync(payment.pk)
    tell_payments()
    assert (ProcessorDispute.objects.get().status, tasks(TaskKind.CARD_DISPUTE)) == ("warning_closed", [])


def test_paid_twice_stays_on_account_with_a_task(fake, invoice):
    payment = pay(invoice)
    share = [Share(invoice.pk, Decimal(100))]
    record_receipt(invoice.client, NewReceipt(Decimal(100), "EUR", localdate()), actor="Fay", shares=share)
    fake.bank.pay(payment.session_id)
    receipt = sync(payment.pk).receipt
    assert [tell_payments(), tell_payments()] == [1, 0]
    assert receipt.unapplied_amount == 100
    assert "100.00 EUR of an online payment is on account" in tasks(TaskKind.ALLOCATE)[0].text


def test_refund_that_failed_asks_for_another_way(fake, invoice):
    payment = paid(fake, invoice)
    fake.ledger.of_kind("charge")[0]["status"] = "failed"
    undo_allocation(payment.receipt.allocations.get().pk, actor="Fay")
    refund_receipt(payment.receipt_id, NewRefund(Decimal(20), "Paid twice"), actor="Fay")
    send_refunds()
    tell_payments()
    assert "The refund of 20.00 EUR failed" in tasks(TaskKind.DECIDE)[0].text


@pytest.mark.parametrize(("method", "days"), [("us_bank_account", 10), ("bacs_debit", 10), ("sepa_debit", 15)])
def test_money_on_its_way_is_waited_for_as_long_as_its_way_may_take(fake, invoice, method, days):
    payment = pay(invoice)
    fake.bank.pay_later(payment.session_id)
    sync(payment.pk)
    for business_weeks, is_waited_for in ((days // 5 - 1, True), (days // 5 + 2, False)):
        started = timezone.now() - timedelta(weeks=business_weeks)
        Payment.objects.update(method=method, created_at=started)
        assert bool(amounts_on_their_way([invoice.client_id])) is is_waited_for
    assert [tell_payments(), tell_payments()] == [1, 0]
    assert "longer than it may take" in tasks(TaskKind.FIND_PAYMENT)[0].text
    dunning_run(localdate())
    assert Notice.objects.count() == 1


def test_failure_after_the_alert_is_told_too(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay_later(payment.session_id)
    sync(payment.pk)
    Payment.objects.update(created_at=timezone.now() - timedelta(weeks=6))
    tell_payments()
    fake.bank.settle(payment.session_id, is_good=False)
    sync(payment.pk)
    assert tell_payments() == 1
    assert Acknowledgement.objects.get().kind == "payment_failed"


def test_open_page_of_an_insolvent_client_is_closed(fake, invoice):
    payment = pay(invoice)
    assert close_blocked_pages(localdate()) == 0
    add_block(invoice.client, reason=BlockReason.INSOLVENCY, last_on=None, actor="Fay")
    assert [close_blocked_pages(localdate()), close_blocked_pages(localdate())] == [1, 0]
    payment.refresh_from_db()
    assert payment.status == "expired"


@pytest.mark.parametrize("language", ["de", "fr", "es", "nl"])
def test_mails_are_in_the_language_of_the_reader(fake, invoice, language):
    type(invoice.client).objects.update(language=language)
    payment = paid(fake, invoice, by_debit=True)
    fake.bank.dispute(payment.session_id, status="lost")
    sync(payment.pk)
    tell_payments()
    mail = Acknowledgement.objects.get()
    assert "went back" not in mail.subject
    assert "{{" not in mail.body_text
