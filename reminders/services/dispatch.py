"""Send what is ready, one notice at a time: claim, read everything again, write the words down, send, record.

1. claim: one approved notice, committed, so that no other worker takes it.
2. where PDFs go with it: compose from the books as they are now, with no lock held, since a PDF takes its time.
3. under the client's lock ask the planner again. No longer right: cancelled with the reason. Not today: later.
   Changed since it was composed: composed again. Else words and lines are written down and it is `sending`.
4. the channel sends, with no transaction open.
5. record: sent, failed (the level does not count), or unknown (a person decides).

After a crash: claimed goes back to the queue, sending becomes unknown; see `services.recovery`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import now

from invoices.models import Invoice
from invoices.queries.organisation import organisation
from invoices.services.audit import record
from invoices.services.bulk import insert_rows
from invoices.services.ledger import lock_client, wake

from ..channels import CHANNELS, ChannelDown, ChannelError, Message, OutcomeUnknown
from ..errors import LetterRefused
from ..models import Channel, Notice, NoticeLine, OutgoingStatus
from ..queries.accounts import load_accounts
from ..queries.permission import hour_closed
from ..queries.procedures import Procedures
from ..rules.holds import refusal_reason
from ..rules.hours import Closed
from ..rules.planner import plan
from ..rules.reasons import sentence
from ..rules.records import Code, Plan, Proposal
from .addresses import address_failed
from .alarm import LookOut
from .documents import Prepared, keep_attachments, open_books, prepare
from .parts import keep_parts, send_parts
from .pauses import MAX_ATTEMPTS, PAUSES
from .proposals import LINE_FIELDS, cancel, line_row, why
from .tasks import ask_for_contact, contact_found

LATER = (
    *(Code.CONTACTED_RECENTLY, Code.NOT_A_BUSINESS_DAY, Code.OVER_THE_CAP, Code.AFTER_TALK, Code.CLOSED_DAY),
    *(Code.BANK_DATA_OLD, Code.POSSIBLE_PAYMENT, Code.PAY_RUN),
)
UNDECIDED = (OutgoingStatus.CLAIMED, OutgoingStatus.SENDING, OutgoingStatus.UNKNOWN)
WORKER = "worker"
NOBODY = {
    Channel.EMAIL: "No working mail address is known for this client.",
    Channel.SMS: "No number is known at which somebody agreed to text messages.",
}


class Tally(NamedTuple):
    """What a batch did."""

    looked_at: int = 0
    sent: int = 0


def send_notices(today: date, *, limit: int = 1000, progress: Callable[[int], None] | None = None) -> Tally:
    """Send up to `limit` notices on one connection per channel. Safe to run anywhere, any number of times at once."""
    looked_at = sent = 0
    down: set[str] = set()  # channels that do not work at the moment; their notices wait for the next tick
    alarm = LookOut()
    with ExitStack() as sessions:
        for channel in CHANNELS.values():
            sessions.enter_context(channel.session())
        while alarm.is_quiet(sent) and looked_at < limit and (notice_id := claim_next(today, without=down)):
            looked_at += 1
            try:
                sent += send_one(notice_id, today)
            except ChannelDown:
                down.add(Notice.objects.values_list("channel", flat=True).get(pk=notice_id))
            if progress:
                progress(looked_at)
        send_parts(today, without=down, limit=limit)
    return Tally(looked_at, sent)


@transaction.atomic(durable=True)
def claim_next(today: date, *, without: Collection[str] = ()) -> int | None:
    """Take the oldest ready notice, or None. The kill switch keeps every notice in the queue."""
    if organisation().is_sending_stopped:
        return None
    ready = Notice.objects.filter(Q(not_before_at__isnull=True) | Q(not_before_at__lte=now()))
    ready = ready.exclude(channel__in=without)
    ready = ready.filter(status=OutgoingStatus.APPROVED).order_by("id").select_for_update(skip_locked=True)
    notice = ready.first()
    if notice is None:
        return None
    Notice.objects.filter(pk=notice.pk).update(
        status=OutgoingStatus.CLAIMED, claimed_at=now(), attempts=notice.attempts + 1
    )
    return notice.pk


def send_one(notice_id: int, today: date) -> bool:
    """Carry a claimed notice through to its end. True when it was sent. Raises ChannelDown; the notice waits then."""
    notice = Notice.objects.select_related("level__procedure", "client", "variant").get(pk=notice_id)
    try:
        prepared = settle(notice, today)
    except LetterRefused as exc:
        finish_failed(notice, str(exc), is_permanent=True)  # until somebody changes the words or our settings
        return False
    except Exception as exc:
        # Composing failed: nothing left. A busy database passes; a broken template ends in the list of failures.
        finish_failed(notice, f"{type(exc).__name__}: {exc}", is_permanent=False)
        return False
    if prepared is None or prepared.message is None:
        return False
    return hand_over(notice, prepared.message, today)


def settle(notice: Notice, today: date) -> Prepared | None:
    """Steps 2 and 3. None when the notice is not to be sent now; the row then says why."""
    takes_time = notice.channel == Channel.LETTER or notice.level.attaches_invoices
    proposal = ask_again(notice, today).contact if takes_time else None
    for _ in range(5):
        books = open_books(notice) if takes_time else ()
        prepared = prepare(notice, proposal, today) if proposal else None
        with transaction.atomic():
            lock_client(notice.client_id)
            found = _confirmed(notice, today)
            if found is None:
                return None
            if not takes_time:
                prepared = prepare(notice, found, today)  # words alone: milliseconds, so under the lock
            if prepared and (not takes_time or (found == proposal and books == open_books(notice))):
                freeze(notice, found, prepared, today)
                return prepared
        proposal = found
    raise RuntimeError("The books changed five times while this notice was being written.")


def _confirmed(notice: Notice, today: date) -> Proposal | None:
    """What the notice says now, if it is to leave now; else it is cancelled or put off. Under the client's lock."""
    if not _ours(notice).filter(status=OutgoingStatus.CLAIMED).exists():
        return None
    found = ask_again(notice, today)
    if (reason := reason_to_cancel(notice, found, today)) is not None:
        cancel(notice.pk, reason)
        wake([notice.client_id], today)
    elif found.contact is None:
        _postpone(notice, found)
    elif closed := _hour_closed(notice):
        at = closed.opens_at or now() + timedelta(hours=1)
        _put_off(notice, at, sentence(refusal_reason(closed.refusal)))
    else:
        return found.contact
    return None


def _ours(notice: Notice) -> QuerySet[Notice, Any]:
    """The row, while this worker's claim on it stands: after the lease another may have taken it."""
    return Notice.objects.filter(pk=notice.pk, claimed_at=notice.claimed_at)


def ask_again(notice: Notice, today: date) -> Plan:
    """The planner's answer as if this notice had not been proposed yet."""
    account = load_accounts([notice.client_id], today, without_notice=notice.pk)[0]
    procedure = Procedures().of([notice.client_id])[notice.client_id]
    return plan(account, procedure, today) if procedure else Plan((), None, ())


def reason_to_cancel(notice: Notice, found: Plan, today: date) -> str | None:
    """Why the notice no longer stands, or None while it does or may later."""
    if today > notice.send_before:
        return f"Too late to send: it was to leave by {notice.send_before:%d %B %Y}."
    if found.contact is None:
        later = [r.figures.get("again_on") or r.figures["open_on"] for r in found.reasons if r.code in LATER]
        return None if later and later[0] <= notice.send_before else _why_gone(notice, found)
    if found.contact.level.id != notice.level_id:
        return f"Overtaken: {found.contact.level.name} is due now."
    return None


def _why_gone(notice: Notice, found: Plan) -> str:
    """What became of the items of this notice, rather than of the client's others."""
    ids = set(notice.lines.values_list("invoice_id", flat=True))
    if not Invoice.objects.filter(pk__in=ids, open_amount__gt=0).exists():
        return "Paid in the meantime."
    own = [reason for reason in found.reasons if reason.figures.get("invoice_id") in ids]
    return why(found._replace(reasons=(*own, *found.reasons)))


def _hour_closed(notice: Notice) -> Closed | None:
    """The day is right, but it is too early or too late in it where the client is."""
    if not notice.level.procedure.respects_contact_rules:
        return None
    return hour_closed(notice.client, notice.channel, now())


def _postpone(notice: Notice, found: Plan) -> None:
    _put_off(notice, now() + timedelta(hours=1), why(found))


def _put_off(notice: Notice, at: datetime, reason: str) -> None:
    """Back to the queue, as if it had not been tried."""
    Notice.objects.filter(pk=notice.pk).update(
        status=OutgoingStatus.APPROVED, not_before_at=at, error=reason[:300], attempts=notice.attempts - 1
    )


def freeze(notice: Notice, proposal: Proposal, prepared: Prepared, today: date) -> None:
    """Write down the words and what they cover. From here on it may have left."""
    NoticeLine.objects.filter(notice=notice).delete()
    insert_rows(NoticeLine, LINE_FIELDS, [line_row(notice.pk, line, None) for line in proposal.lines])
    was_written = bool(notice.subject)  # by an attempt that did not leave: its files and parts give way
    if was_written or prepared.attachments:
        keep_attachments(notice, prepared.attachments)
    message = prepared.message
    if message is None:
        # A letter: nothing goes over a wire; it waits to be printed and posted.
        Notice.objects.filter(pk=notice.pk).update(
            status=OutgoingStatus.PRINTING,
            subject=prepared.words.subject,
            body_text=prepared.words.text,
            language=prepared.words.language,
            recipient=notice.client.name[:254],
            deadline_on=prepared.deadline_on,
            error="",
        )
        return
    if was_written or prepared.parts:
        keep_parts(notice, prepared.parts)
    notice.channel = prepared.channel
    Notice.objects.filter(pk=notice.pk).update(
        status=OutgoingStatus.SENDING,
        channel=prepared.channel,
        contact_id=prepared.contact_id,
        recipient=message.recipient,
        subject=message.subject,
        body_text=message.text,
        body_html=message.html,
        language=prepared.words.language,
        message_id=message.message_id,
        deadline_on=prepared.deadline_on,
        error="",
    )


def hand_over(notice: Notice, message: Message, today: date) -> bool:
    """Steps 4 and 5."""
    if not message.recipient:
        finish_failed(notice, NOBODY.get(notice.channel, NOBODY[Channel.EMAIL]), is_permanent=True)
        ask_for_contact(notice.client_id, today)
        return False
    try:
        provider_id = CHANNELS[notice.channel].send(message) or ""
    except ChannelDown as exc:
        _wait_for_channel(notice, str(exc))
        raise
    except ChannelError as exc:
        if finish_failed(notice, str(exc), is_permanent=exc.is_permanent):
            if exc.is_address_bad:
                address_failed(notice.client_id, notice.channel, message.recipient, text=str(exc))
            ask_for_contact(notice.client_id, today, text=str(exc))
        return False
    except OutcomeUnknown as exc:
        finish_unknown(notice.pk, str(exc))
        return False
    except Exception as exc:
        # Nothing we foresaw: it may have left.
        finish_unknown(notice.pk, f"{type(exc).__name__}: {exc}")
        return False
    finish_sent(notice, today, provider_id)
    return True


def _wait_for_channel(notice: Notice, error: str) -> None:
    """Back to the queue as if it had not been tried: the channel's trouble is not the client's."""
    _ours(notice).filter(status=OutgoingStatus.SENDING).update(
        status=OutgoingStatus.APPROVED, not_before_at=now() + PAUSES[0], attempts=notice.attempts - 1, error=error[:300]
    )


@transaction.atomic
def finish_sent(notice: Notice, today: date, provider_id: str = "") -> None:
    """It left: its levels count as reached from today. `provider_id`: what the provider will call it."""
    done = Notice.objects.filter(pk=notice.pk).exclude(status=OutgoingStatus.SENT)
    if not done.update(status=OutgoingStatus.SENT, sent_at=now(), sent_on=today, error="", provider_id=provider_id):
        return
    NoticeLine.objects.filter(notice_id=notice.pk).update(reached_on=today)
    text = f"{notice.level.name} sent by {notice.get_channel_display().lower()}"
    record("notice_sent", notice, actor=WORKER, client_id=notice.client_id, text=text)
    if notice.channel == Channel.EMAIL:
        contact_found(notice.client_id)


@transaction.atomic
def finish_failed(notice: Notice, error: str, *, is_permanent: bool) -> bool:
    """It did not leave, for certain: tried again after growing pauses, then given up; the level never counts.

    True when it was given up. Does nothing to a notice that another worker or a person has taken over.
    """
    ours = _ours(notice).filter(status__in=UNDECIDED)
    if not is_permanent and notice.attempts < MAX_ATTEMPTS:
        at = now() + PAUSES[min(notice.attempts, len(PAUSES)) - 1]
        ours.update(status=OutgoingStatus.APPROVED, not_before_at=at, error=error[:300])
        return False
    if not ours.update(status=OutgoingStatus.FAILED, error=error[:300]):
        return False
    NoticeLine.objects.filter(notice_id=notice.pk).update(is_live=False)
    text = f"{notice.level.name} failed: {error}"
    record("notice_failed", notice, actor=WORKER, client_id=notice.client_id, text=text)
    return True


def finish_unknown(notice_id: int, error: str) -> None:
    """Nobody knows: never repeated by itself, and nothing else is said to the client until a person has decided."""
    Notice.objects.filter(pk=notice_id, status=OutgoingStatus.SENDING).update(
        status=OutgoingStatus.UNKNOWN, error=error[:300]
    )
