"""Disputes as collections keeps them: the client is told of every change, in the same transaction."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from invoices.models import AuditEvent, Dispute
from invoices.services import disputes as ledger
from invoices.services.audit import Actor, record

from ..models import AcknowledgementKind
from ..queries.plans import is_silenced
from .acknowledgements import acknowledge_dispute
from .answers import write_answer

TOLD = "dispute_told"
PROGRESS = "progress"


class Progress(NamedTuple):
    """Where a dispute stands. `amount` is what is contested now; `words` go to the client, none when empty."""

    amount: Decimal
    answer_by: date | None = None
    owner: Actor | None = None
    words: str = ""


@transaction.atomic
def take_dispute(invoice_id: int, *, actor: Actor, **given: Any) -> Dispute:
    """A dispute that staff heard of, confirmed by mail. Takes and raises what `open_dispute` does."""
    dispute = ledger.open_dispute(invoice_id, actor=actor, **given)
    acknowledge_dispute(dispute)
    return dispute


@transaction.atomic
def move_dispute(dispute_id: int, new: Progress, *, actor: Actor) -> bool:
    """Write down where it stands, and tell the client when there are words for him. True when a mail was written.

    Raises LedgerError, InvalidAmount, ExceedsOpen.
    """
    dispute = ledger.change_dispute(
        dispute_id, amount=new.amount, answer_by=new.answer_by, owner=new.owner, actor=actor
    )
    return bool(new.words.strip()) and _tell(dispute, PROGRESS, new.words, actor)


@transaction.atomic
def answer_dispute(dispute_id: int, *, status: str, outcome: str, actor: Actor, words: str = "") -> bool:
    """Close it, and tell the client how it ended; `outcome` is our own finding, `words` are what he reads.

    True when a mail was written. Raises LedgerError.
    """
    return _tell(ledger.close_dispute(dispute_id, status=status, outcome=outcome, actor=actor), status, words, actor)


def _tell(dispute: Dispute, layout: str, words: str, actor: Actor) -> bool:
    """Nobody is written to while a block silences the client: what he must know then, a person says."""
    client = dispute.invoice.client
    if is_silenced(client.pk, localdate()):
        return False
    told = AuditEvent.objects.filter(client_id=client.pk, verb=TOLD, subject_type="dispute", subject_id=dispute.pk)
    facts = {
        "amount": dispute.amount,
        "currency": dispute.invoice.currency,
        "reference": str(dispute.invoice),
        "reason": dispute.get_reason_display().lower(),
        "layout": layout,
        "comment": words.strip()[:2000],
        "promised_on": dispute.answer_by if layout == PROGRESS else None,
    }
    key = f"dispute_answered:{dispute.pk}:{told.count() + 1}"
    if write_answer(client, AcknowledgementKind.DISPUTE_ANSWERED, key, None, facts) is None:
        return False
    text = f"Client told about the dispute of {dispute.invoice}: {words.strip() or layout}"
    record(TOLD, dispute, actor=actor, client_id=client.pk, text=text)
    return True
