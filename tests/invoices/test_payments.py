"""What becomes of an online payment, with the fake card processor over HTTP."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from invoices.errors import PaymentRefused, PaymentUnavailable
from invoices.gateways.card_records import CardProcessorUnavailable
from invoices.models import AuditEvent, Client, Payment, PaymentStatus, ProcessorEvent, Receipt
from invoices.queries.ledger import ledger_differences
from invoices.queries.payments import amounts_on_their_way
from invoices.rules.allocation import Share
from invoices.services import payments
from invoices.services.payment_events import poll_payments, process_events, receive_webhook
from invoices.services.payments import close_page, start_payment, sync
from invoices.services.receipts import NewReceipt, allocate, record_receipt, undo_allocation
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, open_amounts, pay, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def fake(card_processor):  # noqa: F811
    return card_processor


@pytest.fixture(autouse=True)
def books_are_right(db):
    yield
    assert list(ledger_differences()) == []


@pytest.fixture
def acme():
    return a_client()


@pytest.fixture
def invoice(acme):
    return an_invoice(acme)


def post_webhook(body, signature):
    receive_webhook(body, signature)
    return 200


def pay_by_bank(client, invoice, amount):
    new = NewReceipt(Decimal(amount), invoice.currency, localdate())
    return record_receipt(client, new, actor="Fay", shares=[Share(invoice.pk, Decimal(amount))])


def test_starting_a_payment_moves_no_money(fake, invoice):
    payment = pay(invoice)
    assert (payment.status, open_amounts(invoice)) == (PaymentStatus.OPEN, [100])
    assert payment.session_url.startswith(fake.base_url)


def test_paid_invoice_is_closed_with_a_receipt_on_its_name(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay(payment.session_id)
    payment = sync(payment.pk)
    assert (payment.status, open_amounts(invoice)) == ("succeeded", [0])
    assert (payment.receipt.fingerprint, payment.receipt.amount) == (f"payment:{payment.uuid}", 100)


def test_two_invoices_and_a_part_are_paid_by_plan(fake, acme):
    one, two = an_invoice(acme, "100.00"), an_invoice(acme, "50.00")
    payment = pay(one, two, amounts=("100.00", "20.00"))
    fake.bank.pay(payment.session_id)
    sync(payment.pk)
    assert open_amounts(one, two) == [0, 30]


def test_declined_card_leaves_the_page_open_and_then_pays(fake, invoice):
    payment = pay(invoice)
    fake.bank.decline(payment.session_id)
    declined = sync(payment.pk)
    assert (declined.status, declined.failure) == ("open", "Your card was declined.")
    fake.bank.pay(payment.session_id)
    paid = sync(payment.pk)
    assert (paid.status, paid.failure) == ("succeeded", "")


def test_abandoned_page_expires_and_owes_as_before(fake, invoice):
    payment = pay(invoice)
    fake.expire(payment.session_id)
    assert (sync(payment.pk).status, open_amounts(invoice)) == ("expired", [100])


def test_asking_a_hundred_times_books_once(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay(payment.session_id)
    for _ in range(100):
        sync(payment.pk)
    assert (Receipt.objects.count(), AuditEvent.objects.filter(verb="payment_succeeded").count()) == (1, 1)


def test_same_plan_in_two_tabs_is_one_page(fake, invoice):
    assert pay(invoice).session_url == pay(invoice).session_url
    assert len(fake.sessions) == 1


def test_other_plan_in_a_second_tab_closes_the_first_page(fake, acme):
    one, two = an_invoice(acme), an_invoice(acme)
    first, second = pay(one), pay(one, two)
    first.refresh_from_db()
    assert [first.status, second.status] == ["expired", "open"]
    assert [session["status"] for session in fake.sessions] == ["expired", "open"]


def test_paid_in_the_first_tab_is_not_paid_again_in_the_second(fake, acme):
    one, two = an_invoice(acme), an_invoice(acme)
    first = pay(one)
    fake.bank.pay(first.session_id)
    with pytest.raises(PaymentRefused, match="left to pay"):
        pay(one, two)
    assert (open_amounts(one, two), len(fake.sessions)) == ([0, 100], 1)


def test_paid_with_the_same_plan_in_another_tab_shows_the_paid_one(fake, invoice):
    first = pay(invoice)
    fake.bank.pay(first.session_id)
    again = pay(invoice)
    assert (again.pk, again.status) == (first.pk, "succeeded")


def test_bank_debit_is_on_its_way_and_then_in(fake, acme, invoice):
    payment = pay(invoice)
    fake.bank.pay_later(payment.session_id)
    assert sync(payment.pk).status == "processing"
    assert (open_amounts(invoice), amounts_on_their_way([acme.pk])) == ([100], {invoice.pk: 100})
    fake.bank.settle(payment.session_id)
    sync(payment.pk)
    assert (open_amounts(invoice), amounts_on_their_way([acme.pk])) == ([0], {})


def test_bank_debit_that_bounces_is_owed_and_looked_at_today(fake, acme, invoice):
    payment = pay(invoice)
    fake.bank.pay_later(payment.session_id)
    sync(payment.pk)
    Client.objects.update(review_on=localdate() + timedelta(days=30))
    fake.bank.settle(payment.session_id, is_good=False)
    assert (sync(payment.pk).status, amounts_on_their_way([acme.pk])) == ("failed", {})
    assert Client.objects.get().review_on == localdate()


def test_money_on_its_way_cannot_be_paid_again(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay_later(payment.session_id)
    with pytest.raises(PaymentRefused, match=r"0\.00 EUR left to pay"):
        pay(invoice, amounts=("60.00",))


def test_money_on_its_way_for_too_long_is_no_longer_waited_for(fake, acme, invoice):
    payment = pay(invoice)
    fake.bank.pay_later(payment.session_id)
    sync(payment.pk)
    Payment.objects.update(created_at=timezone.now() - timedelta(days=22))
    assert amounts_on_their_way([acme.pk]) == {}


def test_paid_otherwise_meanwhile_leaves_the_money_on_account(fake, acme, invoice):
    payment = pay(invoice)
    pay_by_bank(acme, invoice, "70.00")
    fake.bank.pay(payment.session_id)
    receipt = sync(payment.pk).receipt
    assert (open_amounts(invoice), receipt.unapplied_amount) == ([0], 70)


def test_page_of_an_invoice_paid_otherwise_is_closed_by_the_poll(fake, acme, invoice):
    payment = pay(invoice)
    pay_by_bank(acme, invoice, "100.00")
    poll_payments()
    payment.refresh_from_db()
    assert (payment.status, fake.sessions[0]["status"]) == ("expired", "expired")


def test_refund_reopens_what_it_takes_back(fake, acme):
    one, two = an_invoice(acme, "100.00"), an_invoice(acme, "50.00")
    payment = pay(one, two)
    fake.bank.pay(payment.session_id)
    sync(payment.pk)
    fake.bank.refund(payment.session_id, amount=6000)
    sync(payment.pk)
    assert open_amounts(one, two) == [10, 50]


def test_dispute_reopens_and_winning_it_closes_again(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay(payment.session_id)
    sync(payment.pk)
    dispute = fake.bank.dispute(payment.session_id)
    receipt = sync(payment.pk).receipt
    assert (open_amounts(invoice), receipt.reversed_on) == ([100], localdate())
    fake.bank.close_dispute(dispute["id"], is_won=True)
    receipt = sync(payment.pk).receipt
    assert (open_amounts(invoice), receipt.reversed_on) == ([0], None)


def test_paid_and_refunded_before_we_looked_owes_as_before(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay(payment.session_id)
    fake.bank.refund(payment.session_id)
    receipt = sync(payment.pk).receipt
    assert (open_amounts(invoice), receipt.unapplied_amount) == ([100], 0)


def test_failed_refund_comes_back(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay(payment.session_id)
    refund = fake.bank.refund(payment.session_id)
    sync(payment.pk)
    fake.bank.fail_refund(refund["id"])
    sync(payment.pk)
    assert open_amounts(invoice) == [0]


def test_allocation_undone_by_hand_stays_undone(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay(payment.session_id)
    receipt = sync(payment.pk).receipt
    undo_allocation(receipt.allocations.get().pk, actor="Fay")
    sync(payment.pk)
    assert open_amounts(invoice) == [100]


def test_allocation_moved_by_hand_gives_back_first_what_is_on_account(fake, acme):
    one, two = an_invoice(acme), an_invoice(acme)
    payment = pay(one)
    fake.bank.pay(payment.session_id)
    receipt = sync(payment.pk).receipt
    undo_allocation(receipt.allocations.get().pk, actor="Fay")
    allocate(receipt.pk, [Share(two.pk, Decimal(40))], actor="Fay")
    fake.bank.refund(payment.session_id, amount=6000)
    sync(payment.pk)
    assert open_amounts(one, two) == [100, 60]


def test_older_answer_does_not_overwrite_a_newer_one(fake, invoice):
    payment = pay(invoice)
    older = payments.processor_for(payment).retrieve(payment.session_id)
    fake.bank.pay(payment.session_id)
    payment = sync(payment.pk)
    assert payments.apply_answer(payment.pk, payment.applied - 1, older) is False
    payment.refresh_from_db()
    assert payment.status == "succeeded"


@pytest.mark.parametrize("mode", ["in_order", "reverse", "shuffle", "double"])
def test_events_in_any_order_book_the_same(fake, invoice, mode):
    payment = pay(invoice)
    fake.bank.decline(payment.session_id)
    fake.bank.pay(payment.session_id)
    fake.bank.refund(payment.session_id, amount=2500)
    fake.deliver(mode, send=post_webhook)
    process_events()
    assert (open_amounts(invoice), Receipt.objects.count()) == ([25], 1)


def test_worked_off_event_is_not_worked_again(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay(payment.session_id)
    fake.deliver(send=post_webhook)
    assert process_events() > 0
    fake.deliver("double", send=post_webhook)
    assert process_events() == 0


def test_lost_events_are_made_up_for_by_the_poll(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay(payment.session_id)
    fake.deliver("lose")
    poll_payments()
    payment.refresh_from_db()
    assert (payment.status, open_amounts(invoice)) == ("succeeded", [0])


def test_lost_refund_of_a_finished_payment_is_found_by_the_poll(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay(payment.session_id)
    sync(payment.pk)
    poll_payments()
    fake.bank.refund(payment.session_id)
    fake.deliver("lose")
    poll_payments()
    assert open_amounts(invoice) == [100]


def test_event_of_a_stranger_is_put_aside(fake, invoice):
    fake.ledger.announce("payment_intent.succeeded", {"object": "payment_intent", "id": "pi_other", "metadata": {}})
    fake.deliver(send=post_webhook)
    process_events()
    assert ProcessorEvent.objects.get().error == "No payment of ours."


def test_silent_processor_leaves_events_waiting(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay(payment.session_id)
    fake.deliver(send=post_webhook)
    fake.fault("drop_before", times=2)
    process_events()
    assert (open_amounts(invoice), ProcessorEvent.objects.filter(handled_at=None).exists()) == ([100], True)
    process_events()
    assert open_amounts(invoice) == [0]


def test_page_that_was_not_made_is_a_new_row_next_time(fake, invoice):
    fake.fault("error_after", path="/v1/checkout")
    with pytest.raises(PaymentUnavailable, match="Nothing was charged"):
        pay(invoice)
    assert pay(invoice).status == "open"
    assert sorted(Payment.objects.values_list("status", flat=True)) == ["cancelled", "open"]


def test_crash_after_the_page_was_made_makes_no_second_page(fake, invoice, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("invoices.services.checkout._keep_page", crash)
        with pytest.raises(KeyboardInterrupt):
            pay(invoice)
    assert pay(invoice).status == "open"
    assert len(fake.sessions) == 1


def test_silence_writes_no_answer(fake, invoice):
    payment = pay(invoice)
    before = payment.applied
    fake.fault("drop_before", times=2)
    with pytest.raises(CardProcessorUnavailable):
        sync(payment.pk)
    payment.refresh_from_db()
    assert (payment.status, payment.applied) == ("open", before)


@pytest.mark.parametrize(
    ("amount", "why"),
    [
        ("100.01", "more"),
        ("0", "above 0"),
        ("-5", "above 0"),
        ("NaN", "above 0"),
        ("Infinity", "above 0"),
        ("10.001", "above 0"),
        ("0.10", "less than"),
    ],
)
def test_amount_that_cannot_be_paid_is_refused(fake, invoice, amount, why):
    with pytest.raises(PaymentRefused, match=why):
        pay(invoice, amounts=(amount,))
    assert (Payment.objects.count(), fake.requests) == (0, [])


def test_invoice_of_another_client_is_refused(fake, acme, invoice):
    other = an_invoice(a_client("SLOWCO", "Slowco"))
    with pytest.raises(PaymentRefused, match="not among yours"):
        start_payment(acme, plan(invoice, other))


def test_two_currencies_in_one_payment_are_refused(fake, acme, invoice):
    with pytest.raises(PaymentRefused, match="each currency on its own"):
        start_payment(acme, plan(invoice, an_invoice(acme, currency="USD")))


def test_same_invoice_twice_in_a_plan_is_refused(fake, acme, invoice):
    with pytest.raises(PaymentRefused, match="twice"):
        start_payment(acme, plan(invoice, invoice))


def test_twenty_payments_an_hour_are_enough(fake, acme, invoice):
    for cents in range(20):
        start_payment(acme, plan(invoice, amounts=(f"{10 + cents}.00",)))
    with pytest.raises(PaymentRefused, match="within an hour"):
        start_payment(acme, plan(invoice, amounts=("50.00",)))


def test_closing_the_page_of_a_faster_payer_shows_that_he_paid(fake, invoice):
    payment = pay(invoice)
    fake.bank.pay(payment.session_id)
    assert (close_page(payment.pk).status, open_amounts(invoice)) == ("succeeded", [0])
