"""After a crash: what was only claimed goes back to the queue, what may have left waits for a person."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate, localtime, now

from invoices.services.audit import Actor, record
from invoices.services.ledger import lock_client, wake

from ..errors import NotWaiting
from ..models import Notice, NoticeLine, NoticePart, OutgoingStatus
from .dispatch import finish_sent

LEASE = timedelta(minutes=15)


def find_stale_claims() -> tuple[int, int]:
    """Free claims older than the lease; turn old `sending` into `unknown`. Returns how many of each."""
    old = now() - LEASE
    stale = Notice.objects.filter(claimed_at__lt=old)
    freed = stale.filter(status=OutgoingStatus.CLAIMED).update(
        status=OutgoingStatus.APPROVED, claimed_at=None, attempts=F("attempts") - 1
    )
    lost = stale.filter(status=OutgoingStatus.SENDING).update(
        status=OutgoingStatus.UNKNOWN, error="The worker stopped while it was sending this."
    )
    _find_stale_parts(old)
    return freed, lost


def _find_stale_parts(old: datetime) -> None:
    """The same for parts; those whose notice will not leave any more go with it."""
    NoticePart.objects.filter(status=OutgoingStatus.SENDING, claimed_at__lt=old).update(
        status=OutgoingStatus.UNKNOWN, error="The worker stopped while it was sending this."
    )
    gone = NoticePart.objects.filter(
        status=OutgoingStatus.APPROVED, notice__status__in=(OutgoingStatus.CANCELLED, OutgoingStatus.FAILED)
    )
    gone.update(status=OutgoingStatus.CANCELLED, error="Its notice did not leave.")


@transaction.atomic
def settle_unknown(notice_id: int, *, was_sent: bool, actor: Actor, today: date | None = None) -> Notice:
    """A person says whether it left. Not sent: its level no longer counts and is proposed again."""
    today = today or localdate()
    notice = Notice.objects.select_related("level").get(pk=notice_id)
    lock_client(notice.client_id)
    notice = Notice.objects.select_related("level").get(pk=notice_id)
    if notice.status != OutgoingStatus.UNKNOWN:
        raise NotWaiting(f"This notice is no longer in doubt: {notice.get_status_display().lower()}.")
    if was_sent:
        # It left when the worker fell silent: the gap to the next level runs from then.
        finish_sent(notice, localtime(notice.claimed_at).date() if notice.claimed_at else today)
    else:
        NoticeLine.objects.filter(notice=notice).update(is_live=False)
        Notice.objects.filter(pk=notice.pk).update(
            status=OutgoingStatus.CANCELLED, error="Not sent, says " + str(actor)
        )
    wake([notice.client_id], today)
    text = "Sent after all" if was_sent else "Not sent; proposed again"
    record("unknown_settled", notice, actor=actor, client_id=notice.client_id, text=text)
    notice.refresh_from_db()
    return notice
