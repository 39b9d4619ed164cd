"""Online payments under real parallelism. Each race has a control that shows it without the lock.

The barrier stands where two must never be at once. With the lock nobody joins the first one there, who goes on after
some seconds; without it all five meet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import QuerySet
from django.test import Client as Browser

from invoices.models import Payment, ProcessorEvent, Receipt
from invoices.queries.ledger import ledger_differences
from invoices.services import payment_books, payments
from invoices.services.payment_events import process_events
from invoices.services.payments import start_payment, sync
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, open_amounts, pay, plan

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
CROWD = 5


def at_once(work: Callable[[], Any]) -> list[Any]:
    """Five threads, each with a connection of its own; what each returned or raised."""

    def one(_: int) -> Any:
        try:
            return work()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CROWD) as pool:
        return list(pool.map(one, range(CROWD)))


def meet_before(monkeypatch, owner: Any, name: str, seconds: float = 2) -> list[int]:
    """Lets all five meet right before `owner.name`; the list collects how many had come when each left."""
    barrier, original, met = threading.Barrier(CROWD), getattr(owner, name), []

    def after_meeting(*args: Any, **kwargs: Any) -> Any:
        try:
            barrier.wait(timeout=seconds)
            met.append(CROWD)
        except threading.BrokenBarrierError:
            met.append(1)
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, after_meeting)
    return met


@pytest.fixture
def fake(card_processor):  # noqa: F811
    return card_processor


@pytest.fixture
def paid(fake):
    payment = pay(an_invoice(a_client()))
    fake.bank.pay(payment.session_id)
    return payment


@pytest.fixture
def without_locks(monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)


@pytest.fixture
def without_fingerprint(monkeypatch):
    original = payment_books.record_receipt
    monkeypatch.setattr(
        payment_books,
        "record_receipt",
        lambda client, new, **how: original(client, new._replace(fingerprint=None), **how),
    )


def test_five_at_once_book_one_receipt(paid, monkeypatch, without_fingerprint):
    meet_before(monkeypatch, payment_books, "record_receipt")
    at_once(lambda: sync(paid.pk))
    assert (Receipt.objects.count(), list(ledger_differences())) == (1, [])
    assert open_amounts(paid.lines.get().invoice) == [0]


def test_control_without_the_lock_the_money_is_booked_again(paid, monkeypatch, without_locks, without_fingerprint):
    meet_before(monkeypatch, payment_books, "record_receipt")
    at_once(lambda: sync(paid.pk))
    assert Receipt.objects.count() > 1


def test_control_without_the_lock_the_fingerprint_still_stops_four(paid, monkeypatch, without_locks):
    meet_before(monkeypatch, payment_books, "record_receipt")
    outcomes = at_once(lambda: sync(paid.pk))
    assert (Receipt.objects.count(), sum(isinstance(o, Exception) for o in outcomes)) == (1, CROWD - 1)


def test_same_webhook_five_times_at_once_is_one_event_and_one_receipt(fake, paid, monkeypatch):
    body, signature = fake.webhooks.signed(fake.events[-1])
    met = meet_before(monkeypatch, type(ProcessorEvent.objects), "bulk_create", seconds=30)

    def send() -> int:
        headers = {"Stripe-Signature": signature}
        return Browser().post("/api/stripe/webhook", body, content_type="application/json", headers=headers).status_code

    assert at_once(send) == [200] * CROWD
    # All five had looked and found nothing: the unique id is what let one in.
    assert (met, ProcessorEvent.objects.count()) == ([CROWD] * CROWD, 1)
    monkeypatch.undo()


def test_control_without_the_unique_id_five_webhooks_are_five_events(fake, paid, monkeypatch):
    constraint = next(f for f in ProcessorEvent._meta.fields if f.name == "event_id")
    loose = constraint.clone()
    loose._unique = False
    loose.set_attributes_from_name("event_id")
    loose.model = ProcessorEvent
    body, signature = fake.webhooks.signed(fake.events[-1])
    meet_before(monkeypatch, type(ProcessorEvent.objects), "bulk_create", seconds=30)
    with connection.schema_editor() as editor:
        editor.alter_field(ProcessorEvent, constraint, loose)
    try:
        headers = {"Stripe-Signature": signature}
        at_once(lambda: Browser().post("/api/stripe/webhook", body, content_type="application/json", headers=headers))
        assert ProcessorEvent.objects.count() == CROWD
    finally:
        ProcessorEvent.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.alter_field(ProcessorEvent, loose, constraint)


def test_five_workers_on_the_same_events_book_once(fake, paid):
    fake.deliver("double", send=lambda body, signature: _post(body, signature), is_parallel=True)
    outcomes = at_once(process_events)
    assert not [o for o in outcomes if isinstance(o, Exception)]
    assert (Receipt.objects.count(), open_amounts(paid.lines.get().invoice)) == (1, [0])


def _post(body: bytes, signature: str) -> int:
    try:
        headers = {"Stripe-Signature": signature}
        return Browser().post("/api/stripe/webhook", body, content_type="application/json", headers=headers).status_code
    finally:
        connections.close_all()


def test_five_clicks_on_pay_start_one_payment(fake, monkeypatch):
    invoice = an_invoice(a_client())
    new = plan(invoice)
    meet_before(monkeypatch, payments, "check_plan")
    at_once(lambda: start_payment(invoice.client, new))
    assert Payment.objects.count() == 1


def test_control_without_the_lock_five_clicks_start_five_payments(fake, monkeypatch, without_locks):
    invoice = an_invoice(a_client())
    new = plan(invoice)
    barrier = threading.Barrier(CROWD)
    original = Payment.objects.create

    def create(**fields: Any) -> Payment:
        barrier.wait(timeout=30)
        return original(**fields)

    monkeypatch.setattr(Payment.objects, "create", create)
    at_once(lambda: start_payment(invoice.client, new))
    assert Payment.objects.count() == CROWD


def test_two_tabs_at_once_leave_one_page_open(fake):
    acme = a_client()
    one, two = an_invoice(acme), an_invoice(acme)
    choices = iter([(one,), (two,), (one, two), (one,), (two,)])
    lock = threading.Lock()

    def click() -> Payment:
        with lock:
            chosen = next(choices)
        return pay(*chosen)

    at_once(click)
    assert sum(session["status"] == "open" for session in fake.sessions) <= 1
    assert Payment.objects.filter(status="open").count() <= 1


def test_no_transaction_is_open_while_the_processor_is_asked(fake, paid, monkeypatch):
    original = payments.processor_for
    seen = []

    def watched(payment: Payment) -> Any:
        seen.append(connection.in_atomic_block)
        return original(payment)

    monkeypatch.setattr(payments, "processor_for", watched)
    sync(paid.pk)
    assert seen == [False]
