"""Send what answers the client: receipts, confirmations, new links. The words stand in the row since it was made.

These are mails of the kind *at least once*: after a lost connection they go again, under the same Message-ID.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.utils.timezone import now

from invoices.queries.organisation import organisation

from ..channels import CHANNELS, ChannelError, Message, OutcomeUnknown
from ..models import Acknowledgement, AcknowledgementKind, OutgoingStatus
from .statements import attachments_of

LEASE = timedelta(minutes=15)
MAX_ATTEMPTS = 6
MOST_STATEMENTS = 100  # half a second of PDF each: a tick lasts about a minute


def send_acknowledgements(limit: int = 500) -> int:
    """Send what is ready; returns how many left. Safe to run at once from several workers."""
    free_stale_claims()
    sent = statements = 0
    with CHANNELS["email"].session():
        for _ in range(limit):
            row = claim_next()
            if row is None:
                break
            sent += send_one(row)
            statements += row.kind == AcknowledgementKind.STATEMENT
            if statements == MOST_STATEMENTS:
                break
    return sent


def free_stale_claims() -> int:
    stale = Acknowledgement.objects.filter(status=OutgoingStatus.SENDING, claimed_at__lt=now() - LEASE)
    # One at which the worker stops each time (a document that cannot be made) is given up.
    stale.filter(attempts__gte=MAX_ATTEMPTS).update(
        status=OutgoingStatus.FAILED, error="The worker stopped at this mail several times."
    )
    return stale.update(status=OutgoingStatus.APPROVED)


@transaction.atomic(durable=True)
def claim_next() -> Acknowledgement | None:
    ready = Acknowledgement.objects.filter(
        Q(not_before_at__isnull=True) | Q(not_before_at__lte=now()), status=OutgoingStatus.APPROVED
    )
    # Statements come by the thousand on the first of a month; a receipt does not queue behind them.
    is_last = Case(When(kind=AcknowledgementKind.STATEMENT, then=1), default=0)
    row = ready.order_by(is_last, "id").select_for_update(skip_locked=True).first()
    if row is None:
        return None
    Acknowledgement.objects.filter(pk=row.pk).update(
        status=OutgoingStatus.SENDING, claimed_at=now(), attempts=F("attempts") + 1
    )
    row.refresh_from_db()
    return row


def send_one(row: Acknowledgement) -> bool:
    """Hand over; a failure is tried again after growing pauses and then given up."""
    try:
        CHANNELS["email"].send(_message(row))
    except (ChannelError, OutcomeUnknown) as exc:
        is_over = getattr(exc, "is_permanent", False) or row.attempts >= MAX_ATTEMPTS
        Acknowledgement.objects.filter(pk=row.pk).update(
            status=OutgoingStatus.FAILED if is_over else OutgoingStatus.APPROVED,
            not_before_at=now() + timedelta(minutes=2**row.attempts),
            error=str(exc)[:300],
        )
        return False
    Acknowledgement.objects.filter(pk=row.pk).update(status=OutgoingStatus.SENT, sent_at=now(), error="")
    return True


def _message(row: Acknowledgement) -> Message:
    us = organisation()
    host = (us.email or "localhost").rpartition("@")[2]
    return Message(
        recipient=row.recipient,
        subject=row.subject,
        text=row.body_text,
        html=row.body_html,
        message_id=f"<ack-{row.reference}@{host}>",
        reply_to=us.email,
        sender_name=us.name,
        attachments=attachments_of(row),
    )
