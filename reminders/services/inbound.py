"""Take in what came back, and do what follows from it. `reading` fetches it from the mailbox.

1. parse, tell apart, and match to what it answers; nothing is changed yet.
2. under the client's lock: write the row once (its fingerprint), and do what its kind asks for.

Only a bounce or complaint that names a mail of ours, and the address it went to, changes anything: it may be forged.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from typing import NamedTuple

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.timezone import localdate

from invoices.rules.calendar import add_business_days
from invoices.services.audit import record
from invoices.services.ledger import lock_client, wake

from ..models import (
    BlockReason,
    Channel,
    DunningBlock,
    Inbound,
    InboundKind,
    InboundStatus,
    TaskKind,
)
from ..queries.inbound import Match, match
from ..queries.recipients import addresses_of
from ..reply_address import answered_by
from ..rules.inbound.telling_apart import Told, header, tell_apart
from ..rules.inbound.trimming import new_part, without_cards
from .addresses import address_failed, refuse
from .blocks import add_block
from .tasks import make_task

WHO = "mailbox"
HOLD_DAYS = 5  # business days that an unanswered reply holds automatic steps, so that nothing freezes for ever
NEEDS_A_PERSON = (InboundKind.REPLY, InboundKind.OPT_OUT)


class Incoming(NamedTuple):
    """A mail as it was read, told apart and matched."""

    mail: EmailMessage
    raw: bytes
    received_at: datetime
    told: Told
    match: Match

    @property
    def sender(self) -> str:
        return parseaddr(header(self.mail, "from"))[1][:254]


def take_in(raw: bytes, received_at: datetime) -> Inbound | None:
    """Keep a mail and do what it asks for; None when it was taken in before. Safe to run twice, and beside itself."""
    fingerprint = hashlib.sha256(raw).hexdigest()
    if Inbound.objects.filter(fingerprint=fingerprint).exists():
        return None
    incoming = read(raw, received_at)
    with transaction.atomic():
        if incoming.match.client:
            lock_client(incoming.match.client.pk)
        row, is_new = Inbound.objects.get_or_create(fingerprint=fingerprint, defaults=_fields(incoming))
        if not is_new:
            return None
        _keep_raw(row, raw)
        _follow_up(row, incoming, localdate())
    return row


@transaction.atomic
def keep_unread(raw: bytes, received_at: datetime, *, why: str) -> Inbound | None:
    """A mail that our reader fails at: kept as it came, in the queue of those that nobody is known to have sent."""
    fingerprint = hashlib.sha256(raw).hexdigest()
    given = {"channel": Channel.EMAIL, "kind": InboundKind.REPLY, "received_at": received_at, "outcome": why[:200]}
    row, is_new = Inbound.objects.get_or_create(
        fingerprint=fingerprint, defaults={**given, "subject": "A mail that could not be read"}
    )
    if is_new:
        _keep_raw(row, raw)
    return row if is_new else None


def read(raw: bytes, received_at: datetime) -> Incoming:
    """Parsed, told apart and matched; changes nothing."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    told = tell_apart(mail)
    to = [header(mail, name) for name in ("to", "cc", "delivered-to", "x-original-to")]
    answered = answered_by([address for _, address in getaddresses(to)])
    sender = parseaddr(header(mail, "from"))[1]
    return Incoming(mail, raw, received_at, told, match(answered, told.about, sender))


def _keep_raw(row: Inbound, raw: bytes) -> None:
    row.raw.save(f"{row.fingerprint[:32]}.eml", ContentFile(raw), save=False)
    Inbound.objects.filter(pk=row.pk).update(raw=row.raw.name)


def _fields(incoming: Incoming) -> dict[str, object]:
    told, found = incoming.told, incoming.match
    full_text = without_cards(told.text)
    return {
        "channel": Channel.EMAIL,
        "kind": told.kind,
        "status": _status(incoming),
        "received_at": incoming.received_at,
        "sender": incoming.sender,
        "sender_name": parseaddr(header(incoming.mail, "from"))[0][:120],
        "subject": without_cards(header(incoming.mail, "subject"))[:300],
        "text": new_part(full_text),
        "full_text": full_text,
        "client": found.client,
        "contact": found.contact,
        "notice": found.notice,
        "acknowledgement": found.acknowledgement,
        "matched_by": found.by,
        "outcome": told.detail[:200],
    }


def _status(incoming: Incoming) -> InboundStatus:
    """What people write waits for people, known client or not; what machines write is kept, and asks for nothing."""
    if incoming.told.kind in NEEDS_A_PERSON and not (
        incoming.told.kind == InboundKind.OPT_OUT and incoming.match.contact
    ):
        return InboundStatus.OPEN
    return InboundStatus.IGNORED


def _follow_up(row: Inbound, incoming: Incoming, today: date) -> None:
    if row.client_id is None:
        return
    match row.kind:
        case InboundKind.REPLY:
            hold_for_reply(row, today)
        case InboundKind.OPT_OUT:
            _opt_out(row, f"Wrote: {row.text or row.subject}"[:300])
        case InboundKind.COMPLAINT if _is_ours(incoming):
            _opt_out(row, "Marked our mail as unwanted")
        case InboundKind.HARD_BOUNCE if _is_ours(incoming):
            _bounced(row, incoming)


def _is_ours(incoming: Incoming) -> bool:
    """It names a mail of ours, and the address that this mail went to; a complaint may leave the address out."""
    found = incoming.match
    if not found.is_about_ours or found.by == "sender":
        return False
    is_unnamed = incoming.told.kind == InboundKind.COMPLAINT and not incoming.told.failed
    return is_unnamed or bool(_sent_to(incoming) & set(incoming.told.failed))


def hold_for_reply(row: Inbound, today: date) -> None:
    """A person wrote: a task to answer, and no automatic step for some days."""
    client = row.client
    assert client is not None
    text = f"{row.sender_name or row.sender} wrote: {row.subject}"
    make_task(client.pk, TaskKind.ANSWER_REPLY, due_on=today, text=text[:300])
    last_on = add_business_days(client.country, client.region, today, HOLD_DAYS)
    held = DunningBlock.objects.filter(
        client=client, reason=BlockReason.REPLY, lifted_at__isnull=True, last_on__gte=last_on
    )
    if not held.exists():
        add_block(client, reason=BlockReason.REPLY, last_on=last_on, actor=WHO, note=text[:300])
    wake([client.pk], today)
    record("reply_received", row, actor=WHO, client_id=client.pk, text=f"Reply: {row.subject}"[:300])


def _opt_out(row: Inbound, words: str) -> None:
    """No more mail to this address, from now on; the refusal is kept as evidence."""
    if row.contact:
        refuse(row.contact, Channel.EMAIL, how=row.get_kind_display(), words=words, actor=WHO)


def _bounced(row: Inbound, incoming: Incoming) -> None:
    """The address is used no more, and somebody looks for another one."""
    assert row.client_id is not None
    for address in _sent_to(incoming) & set(incoming.told.failed):
        text = f"Mail to {address} came back. {incoming.told.detail}".strip()[:300]
        address_failed(row.client_id, Channel.EMAIL, address, text=text)
        record("mail_bounced", row, actor=WHO, client_id=row.client_id, text=text)


def _sent_to(incoming: Incoming) -> set[str]:
    """The addresses that the mail of ours went to, in lower case."""
    found = incoming.match
    if found.notice:
        return addresses_of(found.notice)
    return {found.acknowledgement.recipient.lower()} if found.acknowledgement else set()
