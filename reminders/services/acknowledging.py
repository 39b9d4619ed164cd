"""Send what answers the client: receipts, confirmations, new links. The words stand in the row since it was made.

These are mails of the kind *at least once*: after a lost connection they go again, under the same Message-ID.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.utils.timezone import now

from invoices.queries.organisation import organisation

from ..channels import CHANNELS, ChannelDown, ChannelError, Message, OutcomeUnknown
from ..models import Acknowledgement, AcknowledgementKind, Channel, OutgoingStatus
from ..reply_address import reply_address
from .enclosures import FILES, attachments_of, reason_to_cancel

LEASE = timedelta(minutes=15)
MAX_ATTEMPTS = 6
MOST_WITH_FILES = 100  # half a second of PDF each: a tick lasts about a minute
PAUSE = timedelta(minutes=1)  # while the mail server is down
# Answers to what the client just did, and waits for. The kill switch holds back everything else.
ANSWERS = (
    AcknowledgementKind.PAYMENT_RECEIVED,
    AcknowledgementKind.PAYMENT_FAILED,
    AcknowledgementKind.PAYMENT_RETURNED,
    AcknowledgementKind.PROMISE_CONFIRMED,
    AcknowledgementKind.DISPUTE_RECEIVED,
    AcknowledgementKind.NEW_LINK,
    AcknowledgementKind.OPT_OUT_CONFIRMED,
    AcknowledgementKind.STEP_UP_CODE,
    AcknowledgementKind.REQUEST_RECEIVED,
)
SECRET = {"subject": "A code for the portal", "body_text": "The code is not kept.", "body_html": ""}


def send_acknowledgements(limit: int = 500) -> int:
    """Send what is ready; returns how many left. Safe to run at once from several workers.

    Ends early when the mail server is down: what is left waits for the next tick.
    """
    free_stale_claims()
    sent = with_files = 0
    with CHANNELS["email"].session():
        for _ in range(limit):
            row = claim_next()
            if row is None:
                break
            try:
                sent += send_one(row)
            except ChannelDown:
                if channel_of(row) == Channel.EMAIL:
                    break
            with_files += row.kind in FILES
            if with_files == MOST_WITH_FILES:
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
    if organisation().is_sending_stopped:
        ready = ready.filter(kind__in=ANSWERS)
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
    """Hand over; a failure is tried again after growing pauses and then given up.

    Raises ChannelDown: the row waits then, and no attempt is used up.
    """
    if reason := reason_to_cancel(row):
        Acknowledgement.objects.filter(pk=row.pk).update(status=OutgoingStatus.CANCELLED, error=reason[:300])
        return False
    try:
        provider_id = CHANNELS[channel_of(row)].send(_message(row)) or ""
    except ChannelDown as exc:
        # The mail server's trouble is not this mail's.
        Acknowledgement.objects.filter(pk=row.pk, status=OutgoingStatus.SENDING).update(
            status=OutgoingStatus.APPROVED,
            not_before_at=now() + PAUSE,
            attempts=F("attempts") - 1,
            error=str(exc)[:300],
        )
        raise
    except (ChannelError, OutcomeUnknown) as exc:
        is_over = getattr(exc, "is_permanent", False) or row.attempts >= MAX_ATTEMPTS
        # A mail that comes twice has the same Message-ID; a text message would be read twice.
        is_over |= isinstance(exc, OutcomeUnknown) and channel_of(row) == Channel.SMS
        Acknowledgement.objects.filter(pk=row.pk).update(
            status=OutgoingStatus.FAILED if is_over else OutgoingStatus.APPROVED,
            not_before_at=now() + timedelta(minutes=2**row.attempts),
            error=str(exc)[:300],
        )
        return False
    forget = SECRET if row.kind == AcknowledgementKind.STEP_UP_CODE else {}
    Acknowledgement.objects.filter(pk=row.pk).update(
        status=OutgoingStatus.SENT, sent_at=now(), error="", provider_id=provider_id, **forget
    )
    return True


def channel_of(row: Acknowledgement) -> str:
    """Mail, but for the answer to a STOP that came as a text message."""
    is_text = row.kind == AcknowledgementKind.OPT_OUT_CONFIRMED and row.recipient.startswith("+")
    return Channel.SMS if is_text else Channel.EMAIL


def _message(row: Acknowledgement) -> Message:
    us = organisation()
    host = (us.email or "localhost").rpartition("@")[2]
    return Message(
        recipient=row.recipient,
        subject=row.subject,
        text=row.body_text,
        html=row.body_html,
        message_id=f"<ack-{row.reference}@{host}>",
        reply_to=reply_address("a", row.pk) or us.email,
        in_reply_to=row.facts.get("in_reply_to", ""),
        sender_name=us.name,
        attachments=attachments_of(row),
    )
