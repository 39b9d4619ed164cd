"""Our answer to a dispute of an online payment: sent to the payer's bank once, by a person."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from ..errors import LedgerError
from ..gateways.card_money import submit_evidence
from ..gateways.card_records import CardProcessorError, CardProcessorUnavailable
from ..gateways.cards import configured
from ..models import ProcessorDispute
from ..rules.card_disputes import TAKES_EVIDENCE, stage
from .audit import Actor, record
from .ledger import lock_client
from .payments import sync

SILENT = "The card processor does not answer at the moment. Look at the dispute in a few minutes before you try again."


def answer_dispute(dispute_id: int, evidence: Mapping[str, str], *, actor: Actor) -> ProcessorDispute:
    """Send the evidence. Steps: 1. written down that we try, 2. asked with no lock held, 3. the payment is looked at.

    Raises LedgerError when the dispute takes no evidence (any more), or the processor refuses or is silent.
    """
    row = _try(dispute_id, actor)
    processor = configured()
    if processor is None:
        raise LedgerError("No card processor is set up here (STRIPE_SECRET_KEY is empty).")
    try:
        submit_evidence(processor, row.dispute_id, evidence, is_final=True)
        sync(row.payment_id)
    except CardProcessorUnavailable as error:
        raise LedgerError(SILENT) from error
    except CardProcessorError as error:
        raise LedgerError(str(error)) from error
    row.refresh_from_db()
    return row


@transaction.atomic(durable=True)
def _try(dispute_id: int, actor: Actor) -> ProcessorDispute:
    client_id = ProcessorDispute.objects.select_related("payment").get(pk=dispute_id).payment.client_id
    lock_client(client_id)
    row = ProcessorDispute.objects.select_related("payment").get(pk=dispute_id)
    if row.status not in TAKES_EVIDENCE:
        raise LedgerError(f"{stage(row.status).label}: no evidence is taken now.")
    if row.answer_by and row.answer_by < timezone.now():
        raise LedgerError(f"The bank took an answer until {row.answer_by:%d %B %Y}; that is over.")
    record("payment_dispute_answered", row, actor=actor, client_id=client_id, text=f"Evidence sent on {row}")
    return row
