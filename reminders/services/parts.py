"""The further ways of a notice: an SMS beside the mail, a mail to a second contact. One contact, several messages.

Parts are written down with the words of their notice, and leave once it has left: claim, ask whether anything may
still be asked for and whether this way is still open, commit, send, record. Each has its own outcome; none moves a
level. An unknown one waits for a person, and an SMS is never repeated by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.timezone import now

from invoices.models import Contact, Organisation
from invoices.queries.organisation import organisation
from invoices.services.audit import Actor, record
from invoices.services.ledger import lock_client

from ..channels import CHANNELS, Attachment, ChannelDown, ChannelError, Message, OutcomeUnknown
from ..composing import compose
from ..errors import NotWaiting
from ..links import portal_url
from ..models import Channel, Notice, NoticeAttachment, NoticePart, OutgoingStatus
from ..queries.permission import hour_closed
from ..queries.recipients import second_contact, sms_contact, sms_number
from ..reply_address import reply_address
from .addresses import address_failed
from .messages import Draft, mail_of, message_id, sender_of, sms_of
from .pauses import MAX_ATTEMPTS, PAUSES

WORKER = "worker"
HOUR = timedelta(hours=1)


def further_ways(draft: Draft) -> tuple[NoticePart, ...]:
    """The parts of a notice that goes by mail, unsaved, in their words."""
    level, notice, found = draft.notice.level, draft.notice, []
    if level.has_second_contact and draft.contact and (second := second_contact(notice.client_id, draft.contact)):
        other = _to(draft, second)
        other = other._replace(words=compose(notice.template, other.facts))
        found.append(_part(other, Channel.EMAIL, mail_of(other)))
    if level.has_sms_too and (person := sms_contact(notice.client_id)):
        other = _to(draft, person)
        found.append(_part(other, Channel.SMS, sms_of(other)))
    return tuple(found)


def _to(draft: Draft, contact: Contact) -> Draft:
    """The same facts for somebody else, with his own name and link."""
    named = {"first_name": contact.first_name, "full_name": contact.name, "portal_url": portal_url(contact)}
    return draft._replace(contact=contact, facts=draft.facts._replace(**named))


def _part(draft: Draft, channel: Channel, message: Message) -> NoticePart:
    us = draft.facts.sender
    assert draft.contact
    assert isinstance(us, Organisation)
    return NoticePart(
        notice=draft.notice,
        contact=draft.contact,
        channel=channel,
        recipient=message.recipient,
        subject=message.subject,
        body_text=message.text,
        body_html=message.html,
        message_id=message_id(draft.notice, us, f"{channel}{draft.contact.pk}."),
    )


def keep_parts(notice: Notice, parts: Collection[NoticePart]) -> None:
    """Those of an attempt that failed give way; none of them has left, since the notice had not."""
    NoticePart.objects.filter(notice=notice).delete()
    NoticePart.objects.bulk_create(parts)


def send_parts(today: date, *, without: set[str], limit: int = 1000) -> int:
    """Send what is ready; returns how many left. A channel found down is added to `without`."""
    sent = 0
    for _ in range(limit):
        part = claim_part(today, without=without)
        if part is None:
            break
        try:
            sent += send_part(part)
        except ChannelDown:
            without.add(part.channel)
    return sent


def claim_part(today: date, *, without: Collection[str] = ()) -> NoticePart | None:
    """The oldest part whose notice has left, as `sending`; those that no longer stand are cancelled on the way."""
    while True:
        with transaction.atomic(durable=True):
            part = None if organisation().is_sending_stopped else _ready(without)
            if part is None:
                return None
            lock_client(part.notice.client_id)
            if reason := reason_to_cancel(part, today):
                NoticePart.objects.filter(pk=part.pk).update(status=OutgoingStatus.CANCELLED, error=reason)
                continue
            if opens_at := _closed_until(part):
                NoticePart.objects.filter(pk=part.pk).update(not_before_at=opens_at)
                continue
            part.claimed_at, part.attempts = now(), part.attempts + 1
            NoticePart.objects.filter(pk=part.pk).update(
                status=OutgoingStatus.SENDING, claimed_at=part.claimed_at, attempts=part.attempts
            )
            return part


def _closed_until(part: NoticePart) -> datetime | None:
    """When the hour allows this channel again; None while it does."""
    if not part.notice.level.procedure.respects_contact_rules:
        return None
    closed = hour_closed(part.notice.client, part.channel, now())
    return (closed.opens_at or now() + HOUR) if closed else None


def _ready(without: Collection[str]) -> NoticePart | None:
    rows = NoticePart.objects.filter(Q(not_before_at__isnull=True) | Q(not_before_at__lte=now()))
    rows = rows.filter(status=OutgoingStatus.APPROVED, notice__status=OutgoingStatus.SENT)
    rows = rows.exclude(channel__in=without).order_by("id").select_for_update(of=("self",), skip_locked=True)
    return rows.select_related("notice__level__procedure", "notice__client__account_manager", "contact").first()


def reason_to_cancel(part: NoticePart, today: date) -> str:
    """Asked under the client's lock, right before the wire."""
    notice, contact = part.notice, part.contact
    if today > notice.send_before:
        return f"Too late to send: it was to leave by {notice.send_before:%d %B %Y}."
    if not notice.lines.filter(is_live=True, invoice__open_amount__gt=0).exists():
        return "Paid in the meantime."
    blocks = notice.client.blocks.filter(lifted_at=None, invoice=None, channel__in=("", part.channel))
    if any(block.is_in_force(today) for block in blocks):
        return "Dunning was blocked in the meantime."
    if contact is None or not contact.is_active:
        return "This contact was removed in the meantime."
    if part.channel == Channel.SMS:
        is_open = contact.has_sms_consent and sms_number(contact, notice.client.country) == part.recipient
        return "" if is_open else "Text messages to this number are no longer agreed to."
    return "" if contact.email == part.recipient and contact.email_state == "ok" else "This address works no more."


def send_part(part: NoticePart) -> bool:
    """Hand over and record. Raises ChannelDown; the part waits then, and no attempt is used up."""
    ours = NoticePart.objects.filter(pk=part.pk, status=OutgoingStatus.SENDING, claimed_at=part.claimed_at)
    try:
        provider_id = CHANNELS[part.channel].send(_message(part)) or ""
    except ChannelDown as exc:
        ours.update(
            status=OutgoingStatus.APPROVED,
            not_before_at=now() + PAUSES[0],
            attempts=F("attempts") - 1,
            error=str(exc)[:300],
        )
        raise
    except ChannelError as exc:
        _failed(part, exc)
        return False
    except Exception as exc:
        text = str(exc) if isinstance(exc, OutcomeUnknown) else f"{type(exc).__name__}: {exc}"
        ours.update(status=OutgoingStatus.UNKNOWN, error=text[:300])
        return False
    finish_part(part, provider_id)
    return True


def _message(part: NoticePart) -> Message:
    notice = part.notice
    kept = notice.attachments.order_by("id") if part.channel == Channel.EMAIL else ()
    files = [Attachment(one.name, _content(one), one.content_type) for one in kept]
    name, reply_to = sender_of(notice, organisation())
    return Message(
        recipient=part.recipient,
        subject=part.subject,
        text=part.body_text,
        html=part.body_html,
        message_id=part.message_id,
        reply_to=reply_address("n", notice.pk) or reply_to,
        sender_name=name,
        attachments=tuple(files),
    )


def _content(kept: NoticeAttachment) -> bytes:
    with kept.file.open("rb") as file:
        return bytes(file.read())


@transaction.atomic
def finish_part(part: NoticePart, provider_id: str) -> None:
    done = NoticePart.objects.filter(pk=part.pk).exclude(status=OutgoingStatus.SENT)
    if not done.update(status=OutgoingStatus.SENT, sent_at=now(), error="", provider_id=provider_id):
        return
    notice = part.notice
    text = f"{notice.level.name} also sent by {part.get_channel_display().lower()} to {part.recipient}"
    record("notice_part_sent", notice, actor=WORKER, client_id=notice.client_id, text=text[:300])


@transaction.atomic
def _failed(part: NoticePart, exc: ChannelError) -> None:
    ours = NoticePart.objects.filter(pk=part.pk, claimed_at=part.claimed_at)
    if not exc.is_permanent and part.attempts < MAX_ATTEMPTS:
        at = now() + PAUSES[min(part.attempts, len(PAUSES)) - 1]
        ours.update(status=OutgoingStatus.APPROVED, not_before_at=at, error=str(exc)[:300])
        return
    ours.update(status=OutgoingStatus.FAILED, error=str(exc)[:300])
    notice = part.notice
    text = f"{notice.level.name} to {part.recipient} failed: {exc}"[:300]
    record("notice_part_failed", notice, actor=WORKER, client_id=notice.client_id, text=text)
    if exc.is_address_bad:
        address_failed(notice.client_id, part.channel, part.recipient, text=str(exc))


@transaction.atomic
def settle_part(part_id: int, *, was_sent: bool, actor: Actor) -> NoticePart:
    """A person says whether it left. Not sent: it is not repeated, since its notice has told the same."""
    part = NoticePart.objects.select_for_update(of=("self",)).select_related("notice__level").get(pk=part_id)
    if part.status != OutgoingStatus.UNKNOWN:
        raise NotWaiting(f"This message is no longer in doubt: {part.get_status_display().lower()}.")
    if was_sent:
        NoticePart.objects.filter(pk=part.pk).update(status=OutgoingStatus.SENT, sent_at=part.claimed_at, error="")
    else:
        text = f"Not sent, says {actor}"
        NoticePart.objects.filter(pk=part.pk).update(status=OutgoingStatus.CANCELLED, error=text[:300])
    said = f"{part}: {'sent after all' if was_sent else 'not sent'}"
    record("unknown_settled", part.notice, actor=actor, client_id=part.notice.client_id, text=said[:300])
    part.refresh_from_db()
    return part
