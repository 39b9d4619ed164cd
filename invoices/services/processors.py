"""Who moves the money of a payment: the card processor, or the test page that takes its place while no key is set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from ..gateways.card_money import create_refund
from ..gateways.card_records import (
    CardProcessorUnavailable,
    CheckoutRequest,
    CheckoutSession,
    PaymentState,
    PaymentStatus,
    RefundState,
)
from ..gateways.cards import CardProcessor, configured
from ..models import Payment, ProcessorEvent
from ..rules.money import ZERO

TEST_PREFIX = "test_page_"
# Buttons of the test page and what they do; the second row only while the money is on its way.
PAYER_BUTTONS = ("pay", "decline", "later")
BANK_BUTTONS = ("settle", "bounce")


class OfflineProcessor:
    """No money moves. The same interface as CardProcessor, so that the rest of the code cannot tell the two apart.

    Its memory is the inbox of events: each button pressed on the test page is one row there, and how a payment stands
    follows from the rows of its session.
    """

    def create_checkout(self, request: CheckoutRequest) -> CheckoutSession:
        url = f"{settings.SITE_URL}/p/test-payment/{request.payment_uuid}/"
        return CheckoutSession(id=TEST_PREFIX + request.payment_uuid, url=url)

    def retrieve(self, session_id: str) -> PaymentState:
        payment = Payment.objects.get(session_id=session_id)
        status, failure = PaymentStatus.OPEN, ""
        for button in _pressed(session_id).order_by("id").values_list("type", flat=True):
            status, failure = _after(status, button.removeprefix("test."))
        paid = payment.amount if status == PaymentStatus.SUCCEEDED else ZERO
        refunds = tuple(_refunds(session_id))
        state = _state(payment, status, paid, failure)
        return replace(state, refunded=sum((r.amount for r in refunds), ZERO), refunds=refunds)

    def refund(self, payment: Payment, amount: Decimal, reference: str) -> RefundState:
        """Once per reference, at once. Its row in the inbox keeps the amount with the name."""
        for known in _refunds(payment.session_id):
            if known.reference == reference:
                return known
        press(payment.session_id, f"refund {reference.rpartition('-')[2]} {amount}")
        return RefundState(_refund_id(payment.session_id, reference), reference, "succeeded", amount, "")

    def expire(self, session_id: str) -> PaymentState:
        if self.retrieve(session_id).status == PaymentStatus.OPEN:
            press(session_id, "expire")
        return self.retrieve(session_id)


def press(session_id: str, button: str) -> None:
    """What a payer or his bank does on the test page. A button that no longer fits changes nothing."""
    number = _pressed(session_id).count() + 1
    row = ProcessorEvent(
        event_id=f"{session_id}_{number}",
        type=f"test.{button}",
        session_id=session_id,
        handled_at=timezone.now(),  # the caller asks at once; nothing is left for the worker
    )
    ProcessorEvent.objects.bulk_create([row], ignore_conflicts=True)


def refund_at(
    processor: CardProcessor | OfflineProcessor, payment: Payment, amount: Decimal, reference: str
) -> RefundState:
    """Ask for a refund, once per reference. Raises what the processor raises."""
    if isinstance(processor, OfflineProcessor):
        return processor.refund(payment, amount, reference)
    return create_refund(processor, payment.intent_id, amount, currency=payment.currency, reference=reference)


def _refunds(session_id: str) -> Iterator[RefundState]:
    for text in (
        _pressed(session_id).filter(type__startswith="test.refund ").order_by("id").values_list("type", flat=True)
    ):
        _, number, amount = text.split()
        reference = f"{session_id.removeprefix(TEST_PREFIX)}-{number}"
        yield RefundState(_refund_id(session_id, reference), reference, "succeeded", Decimal(amount), "")


def _refund_id(session_id: str, reference: str) -> str:
    return f"{session_id}_refund_{reference.rpartition('-')[2]}"


def processor_for(payment: Payment) -> CardProcessor | OfflineProcessor:
    """Raises CardProcessorUnavailable for a real payment while no key is set."""
    if payment.is_test:
        return OfflineProcessor()
    processor = configured()
    if processor is None:
        raise CardProcessorUnavailable("No card processor is set up (STRIPE_SECRET_KEY), so it cannot be asked.")
    return processor


def _pressed(session_id: str) -> QuerySet[ProcessorEvent]:
    return ProcessorEvent.objects.filter(session_id=session_id, event_id__startswith=TEST_PREFIX)


def _after(status: PaymentStatus, button: str) -> tuple[PaymentStatus, str]:
    if status == PaymentStatus.OPEN:
        return {
            "pay": (PaymentStatus.SUCCEEDED, ""),
            "decline": (PaymentStatus.OPEN, "Your card was declined."),
            "later": (PaymentStatus.PROCESSING, ""),
            "expire": (PaymentStatus.EXPIRED, ""),
        }.get(button, (status, ""))
    if status == PaymentStatus.PROCESSING:
        return {
            "settle": (PaymentStatus.SUCCEEDED, ""),
            "bounce": (PaymentStatus.FAILED, "The bank could not collect this debit: insufficient funds."),
        }.get(button, (status, ""))
    return status, ""


def _state(payment: Payment, status: PaymentStatus, paid: Decimal, failure: str) -> PaymentState:
    return PaymentState(
        status=status,
        received=paid,
        refunded=ZERO,
        withheld=ZERO,
        currency=payment.currency,
        intent_id="",
        method="card",
        failure=failure,
        livemode=False,
        customer_id="",
    )
