"""kill -9 before and after each call to the card processor: no second page, charge or refund, and nothing is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from decimal import Decimal

import pytest

from invoices.models import Invoice, Payment, Receipt
from invoices.queries.ledger import ledger_differences
from invoices.services.payment_events import poll_payments
from invoices.services.payments import sync
from invoices.services.receipts import undo_allocation
from invoices.services.refund_requests import send_refunds
from invoices.services.refunds import NewRefund, refund_receipt
from tests.builders import an_organisation
from tests.concurrency.payment_worker import STEPS
from tests.concurrency.workers import ROOT, environment
from tests.fakes.card_processor import FakeCardProcessor, card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, pay

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def kill_worker(fake: FakeCardProcessor, step: str, payment_id: int = 0) -> None:
    given = {"STRIPE_SECRET_KEY": fake.secret_key, "STRIPE_API_BASE": fake.base_url}
    command = [sys.executable, "-m", "tests.concurrency.payment_worker", step, str(payment_id)]
    done = subprocess.run(command, cwd=ROOT, env=environment(**given), timeout=120, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def steps_of(what: str) -> list[str]:
    return [step for step, (*_, does) in STEPS.items() if does == what]


@pytest.fixture
def fake(card_processor):  # noqa: F811
    an_organisation(currency="EUR")
    return card_processor


@pytest.mark.parametrize("step", steps_of("pay"))
def test_killed_while_the_page_is_made_the_payer_comes_back_to_one_page(fake, step):
    invoice = an_invoice(a_client())
    kill_worker(fake, step)
    fake.bank.pay(pay(invoice).session_id)
    poll_payments()
    assert (len(fake.sessions), Payment.objects.count(), Receipt.objects.count()) == (1, 1, 1)
    assert Invoice.objects.get().open_amount == 0


@pytest.mark.parametrize("step", steps_of("sync"))
def test_killed_while_the_answer_is_written_the_money_is_booked_once(fake, step):
    payment = pay(an_invoice(a_client()))
    fake.bank.pay(payment.session_id)
    kill_worker(fake, step, payment.pk)
    poll_payments()
    assert (Receipt.objects.count(), Invoice.objects.get().open_amount, list(ledger_differences())) == (1, 0, [])


@pytest.mark.parametrize("step", steps_of("refund"))
def test_killed_while_a_refund_is_asked_for_it_is_made_and_booked_once(fake, step):
    payment = pay(an_invoice(a_client()))
    fake.bank.pay(payment.session_id)
    receipt = sync(payment.pk).receipt
    undo_allocation(receipt.allocations.get().pk, actor="Fay")
    refund_receipt(receipt.pk, NewRefund(Decimal(40), "Paid twice"), actor="Fay")
    kill_worker(fake, step)
    fake.answers_by_key.clear()  # the next morning: the processor has forgotten our key
    send_refunds()
    poll_payments()
    receipt.refresh_from_db()
    assert (len(fake.ledger.of_kind("refund")), receipt.unapplied_amount) == (1, 60)
    assert list(ledger_differences()) == []
