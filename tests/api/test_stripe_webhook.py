"""Webhooks of the card processor: verified, kept once, answered fast."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from invoices.models import Payment, PaymentStatus, ProcessorEvent
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, pay

pytestmark = pytest.mark.django_db
URL = "/api/stripe/webhook"


def send(body, signature):
    answer = Browser(enforce_csrf_checks=True).post(
        URL, body, content_type="application/json", headers={"Stripe-Signature": signature}
    )
    return answer.status_code


@pytest.fixture
def payment(card_processor):  # noqa: F811
    payment = pay(an_invoice(a_client()))
    card_processor.bank.pay(payment.session_id)
    return payment


def test_genuine_event_is_kept_for_the_worker(card_processor, payment):  # noqa: F811
    assert set(card_processor.deliver(send=send)) == {200}
    assert ProcessorEvent.objects.filter(handled_at=None, payment_uuid=payment.uuid).count() == 2
    assert Payment.objects.get().status == PaymentStatus.OPEN


def test_same_event_five_times_is_kept_once(card_processor, payment):  # noqa: F811
    pair = card_processor.webhooks.signed(card_processor.events[0])
    assert [send(*pair) for _ in range(5)] == [200] * 5
    assert ProcessorEvent.objects.count() == 1


@pytest.mark.parametrize("signature", ["", "t=1,v1=0", "rubbish", "\u00e9"])
def test_event_without_a_good_signature_is_refused_with_a_sentence(card_processor, payment, signature):  # noqa: F811
    body, _ = card_processor.webhooks.signed(card_processor.events[0])
    answer = Browser().post(URL, body, content_type="application/json", headers={"Stripe-Signature": signature})
    assert (answer.status_code, ProcessorEvent.objects.count()) == (400, 0)
    assert answer.content.decode().strip().endswith(".")


def test_huge_body_is_refused(card_processor):  # noqa: F811
    assert send(b"x" * 1_000_001, "t=1,v1=0") == 400


def test_webhook_without_a_processor_is_refused(settings):
    settings.STRIPE_SECRET_KEY = ""
    assert send(b"{}", "t=1,v1=0") == 400


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_only_post_is_answered(method):
    assert getattr(Browser(), method)(URL).status_code == 405
