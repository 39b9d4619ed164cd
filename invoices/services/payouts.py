"""Nightly: what the card processor paid out, line by line with fees, against our books. A difference is named.

Nothing is booked here: the bank's own statement brings the money, and a fee is the business of the general ledger.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ..gateways.card_money import payout_parts, payouts_since
from ..gateways.card_records import CardProcessorError, PayoutPart, PayoutState
from ..gateways.cards import configured
from ..models import Payment, Payout, PayoutLine
from ..rules.money import ZERO
from ..rules.payouts import Part, differences
from .audit import record

log = logging.getLogger(__name__)
ACTOR = "card processor"
LOOK_BACK = timedelta(days=14)  # a payout may fail days after it was made
BROUGHT_IN = ("charge", "payment")
FAILED = ("failed", "canceled")


def read_payouts() -> int:
    """Read and reconcile the payouts of the last two weeks that are not reconciled. Returns how many were looked at.

    Safe to run twice. A silent processor ends it; the next night looks again.
    """
    processor = configured()
    if processor is None:
        return 0
    looked_at = 0
    try:
        for state in payouts_since(processor, timezone.now() - LOOK_BACK):
            known = Payout.objects.filter(payout_id=state.id).first()
            if known is None or known.status != state.status or not known.is_reconciled:
                _keep(state, payout_parts(processor, state.id))
                looked_at += 1
    except CardProcessorError as error:
        log.warning("Payouts were not read to the end: %s", error)
    return looked_at


@transaction.atomic
def _keep(state: PayoutState, parts: Sequence[PayoutPart]) -> Payout:
    payout, is_new = Payout.objects.update_or_create(
        payout_id=state.id,
        defaults={
            "arrived_on": state.arrived_on,
            "currency": state.currency,
            "amount": state.amount,
            "fee_amount": sum((part.fee for part in parts), ZERO),
            "status": state.status[:16],
        },
    )
    intents = {part.intent_id for part in parts} - {""}
    payments = {row.intent_id: row for row in Payment.objects.filter(intent_id__in=intents)}
    PayoutLine.objects.bulk_create(
        [_line(payout, part, payments.get(part.intent_id)) for part in parts],
        update_conflicts=True,
        unique_fields=["transaction_id"],
        update_fields=["payout", "kind", "payment", "amount", "fee_amount", "text"],
    )
    judged = [_judged(part, payments.get(part.intent_id), state.currency) for part in parts]
    found = differences(state.amount, state.currency, judged)
    if state.status in FAILED:
        found.insert(0, f"The bank did not take this payout ({state.status}); the processor sends it again.")
    before = payout.difference if not is_new else None
    payout.difference, payout.is_reconciled = " ".join(found)[:300], not found
    payout.save(update_fields=["difference", "is_reconciled", "read_at"])
    if before != payout.difference:
        verb = "payout_differs" if found else "payout_reconciled"
        record(verb, payout, actor=ACTOR, text=payout.difference or f"Payout {payout} agrees with its movements")
    return payout


def _line(payout: Payout, part: PayoutPart, payment: Payment | None) -> PayoutLine:
    return PayoutLine(
        payout=payout,
        transaction_id=part.id,
        kind=part.kind[:32],
        payment=payment,
        amount=part.amount,
        fee_amount=part.fee,
        text=part.text,
    )


def _judged(part: PayoutPart, payment: Payment | None, currency: str) -> Part:
    """Only what came in is compared with the books: refunds and disputes move on after a payout was made."""
    booked = None
    if payment and part.kind in BROUGHT_IN and payment.currency == currency:
        booked = payment.received_amount
    return Part(part.id, part.kind, part.amount, part.fee, payment is not None, booked)
