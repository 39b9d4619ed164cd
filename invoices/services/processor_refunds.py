"""Refunds at the card processor: the row is written before the processor is asked, and follows what it says then.

The books move by `payment_books.settle` alone, from how much of the payment went back: so a refund that fails later
puts them back by a reversal, whoever made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone

from ..gateways.card_records import RefundState
from ..models import Payment, ProcessorRefund, Refund
from ..rules.money import ZERO, plain, quantise
from .audit import record

ACTOR = "card processor"
CREATED = "created"
FAILED = ("failed", "canceled", "refused")


def request_refund(refund: Refund, payment: Payment) -> ProcessorRefund:
    """The order to the processor, in the transaction that decided it; `refund_requests.send_refunds` carries it out."""
    return ProcessorRefund.objects.create(refund=refund, payment=payment)


def not_asked_yet(payment: Payment) -> Decimal:
    """What was decided to go back and the processor does not know of."""
    waiting = payment.processor_refunds.filter(status=CREATED, processor_id="")
    return quantise(waiting.aggregate(sum=Sum("refund__amount"))["sum"] or ZERO, payment.currency)


def follow_refunds(payment: Payment, states: Sequence[RefundState]) -> None:
    """Make our rows equal to the processor's refunds. The caller holds the client's lock."""
    if not states:
        return
    by_id, by_reference = {s.id: s for s in states}, {s.reference: s for s in states if s.reference}
    for row in payment.processor_refunds.select_related("refund").order_by("pk"):
        state = by_id.get(row.processor_id) or by_reference.get(reference_of(row))
        if state:
            follow_refund(row, state)


def follow_refund(row: ProcessorRefund, state: RefundState) -> None:
    """One row; what failed is told, since money that should have gone back did not."""
    if (row.processor_id, row.status) == (state.id, state.status):
        return
    has_failed = state.status in FAILED and row.status not in FAILED
    change(row, processor_id=state.id, status=state.status[:16], failure=state.failure[:300])
    if has_failed:
        tell_failed(row)


def change(row: ProcessorRefund, **changed: object) -> None:
    ProcessorRefund.objects.filter(pk=row.pk).update(**changed, changed_at=timezone.now())
    for name, value in changed.items():
        setattr(row, name, value)


def tell_failed(row: ProcessorRefund) -> None:
    refund = row.refund
    why = f": {row.failure}" if row.failure else ""
    text = f"Refund of {plain(refund.amount, refund.currency)} {refund.currency} failed{why}; it is on account again"
    record("refund_failed", row, actor=ACTOR, client_id=refund.client_id, text=text)


def reference_of(row: ProcessorRefund) -> str:
    """Our name of it at the processor, from our rows: asked again, it is the same refund."""
    return f"{row.payment.uuid}-{row.refund_id}"
