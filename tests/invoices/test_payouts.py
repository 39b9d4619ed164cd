"""What the card processor pays out, against its movements and our books."""

from __future__ import annotations

from decimal import Decimal

import pytest

from invoices.models import AuditEvent, Payment, Payout, PayoutLine
from invoices.rules.payouts import Part, differences
from invoices.services.payments import sync
from invoices.services.payouts import read_payouts
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.fakes.card_processor.payouts import pay_out
from tests.invoices.payment_stories import a_client, an_invoice, pay

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def fake(card_processor):  # noqa: F811
    return card_processor


@pytest.fixture
def paid(fake):
    payment = pay(an_invoice(a_client()))
    fake.bank.pay(payment.session_id)
    return sync(payment.pk)


CASES = [
    ("agrees", "97.75", [Part("txn_1", "charge", D(100), D("2.25"), True, D(100))], []),
    ("sum differs", "97.70", [Part("txn_1", "charge", D(100), D("2.25"), True, D(100))], ["-0.05 apart"]),
    ("a stranger's", "97.75", [Part("txn_1", "charge", D(100), D("2.25"), False)], ["belongs to no payment of ours"]),
    ("booked otherwise", "97.75", [Part("txn_1", "charge", D(100), D("2.25"), True, D(90))], ["but 90.00 is booked"]),
    ("fee of the processor", "-2.00", [Part("txn_2", "stripe_fee", D(-2), D(0), False)], []),
    ("empty", "0", [], []),
]


@pytest.mark.parametrize(("amount", "parts", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_differences_are_named(amount, parts, wanted):
    found = differences(D(amount), "EUR", parts)
    assert len(found) == len(wanted)
    assert all(words in sentence for words, sentence in zip(wanted, found, strict=True))


def test_payout_is_reconciled_with_its_fee(fake, paid):
    pay_out(fake.ledger, "eur")
    assert read_payouts() == 1
    payout = Payout.objects.get()
    assert (payout.amount, payout.fee_amount, payout.is_reconciled) == (D("97.75"), D("2.25"), True)
    assert PayoutLine.objects.get().payment == Payment.objects.get()


def test_second_night_reads_nothing_again(fake, paid):
    pay_out(fake.ledger, "eur")
    assert [read_payouts(), read_payouts()] == [1, 0]
    assert AuditEvent.objects.filter(verb="payout_reconciled").count() == 1


def test_refund_and_dispute_are_movements_of_their_payment(fake, paid):
    pay_out(fake.ledger, "eur")
    fake.bank.refund(paid.session_id, amount=1000)
    fake.bank.dispute(paid.session_id, amount=2000)
    pay_out(fake.ledger, "eur")
    read_payouts()
    second = Payout.objects.order_by("pk").last()
    assert (second.amount, second.fee_amount, second.is_reconciled) == (D("-45.00"), D("15.00"), True)
    assert sorted(second.lines.values_list("kind", flat=True)) == ["adjustment", "refund"]
    assert {line.payment_id for line in second.lines.all()} == {paid.pk}


def test_payout_that_is_off_names_the_difference_and_is_looked_at_again(fake, paid):
    made = pay_out(fake.ledger, "eur", off_by=-5)
    read_payouts()
    assert Payout.objects.get().difference == ("The payout is 97.70 EUR, its movements sum to 97.75: -0.05 apart.")
    made["amount"] += 5
    assert read_payouts() == 1
    assert Payout.objects.get().is_reconciled


def test_money_that_is_not_booked_yet_differs_until_it_is(fake):
    payment = pay(an_invoice(a_client()))
    fake.bank.pay(payment.session_id)
    Payment.objects.update(intent_id=fake.ledger.of_kind("payment_intent")[0]["id"])
    pay_out(fake.ledger, "eur")
    read_payouts()
    assert "but 0.00 is booked" in Payout.objects.get().difference
    sync(payment.pk)
    read_payouts()
    assert Payout.objects.get().is_reconciled


def test_payout_that_the_bank_refused_says_so(fake, paid):
    pay_out(fake.ledger, "eur")["status"] = "failed"
    read_payouts()
    assert "did not take this payout" in Payout.objects.get().difference


def test_silent_processor_ends_the_night_without_a_row(fake, paid):
    pay_out(fake.ledger, "eur")
    fake.fault("drop_before", path="/v1/balance_transactions", times=2)
    assert (read_payouts(), Payout.objects.count()) == (0, 0)
    assert read_payouts() == 1
