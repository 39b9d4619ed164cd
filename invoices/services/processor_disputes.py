"""Disputes of online payments: a payer's bank asks about one, or takes it back. Kept as the processor tells them.

What a dispute does to the books follows from the payment (`payment_books`): money withheld leaves, and what it paid is
owed again; won, it comes back. Whether and how to answer is decided by people.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from ..gateways.card_records import DisputeState
from ..models import Payment, ProcessorDispute
from ..rules.card_disputes import CLOSED, stage
from ..rules.money import plain
from .audit import record

ACTOR = "card processor"


def follow_disputes(payment: Payment, states: Sequence[DisputeState]) -> None:
    """Make our rows equal to the processor's disputes. The caller holds the client's lock."""
    if not states:
        return
    known = {row.dispute_id: row for row in ProcessorDispute.objects.filter(payment=payment)}
    for state in states:
        row = known.get(state.id)
        if row is None:
            _open(payment, state)
        elif (row.status, row.amount) != (state.status, state.amount):
            _move(payment, row, state)


def _open(payment: Payment, state: DisputeState) -> None:
    row = ProcessorDispute.objects.create(
        payment=payment,
        dispute_id=state.id,
        amount=state.amount,
        currency=state.currency,
        reason=state.reason[:60],
        status=state.status[:32],
        answer_by=state.answer_by,
        opened_at=state.opened_at,
        closed_at=timezone.now() if state.status in CLOSED else None,
    )
    _tell(payment, row, "payment_dispute_opened")


def _move(payment: Payment, row: ProcessorDispute, state: DisputeState) -> None:
    is_over = state.status in CLOSED
    row.status, row.amount, row.answer_by = state.status[:32], state.amount, state.answer_by
    row.closed_at = (row.closed_at or timezone.now()) if is_over else None
    row.save(update_fields=["status", "amount", "answer_by", "closed_at"])
    _tell(payment, row, "payment_dispute_closed" if is_over else "payment_dispute_moved")


def _tell(payment: Payment, row: ProcessorDispute, verb: str) -> None:
    text = f"{plain(row.amount, row.currency)} {row.currency} of payment {payment}: {stage(row.status).label.lower()}"
    if row.reason:
        text += f" ({row.reason})"
    record(verb, row, actor=ACTOR, client_id=payment.client_id, text=text)
