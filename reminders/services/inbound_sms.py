"""Text messages that come in: STOP is honoured at once and confirmed once; what a person writes waits for an answer."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from invoices.models import Contact
from invoices.queries.organisation import organisation
from invoices.services.ledger import lock_client

from ..models import (
    Acknowledgement,
    AcknowledgementKind,
    Channel,
    Inbound,
    InboundKind,
    InboundStatus,
)
from ..rules.inbound.trimming import without_cards
from ..rules.numbers import e164, ways_of_writing
from ..rules.sms import confirmation, is_stop
from .addresses import refuse
from .inbound import hold_for_reply

WHO = "text message"


class Text(NamedTuple):
    """As the provider handed it over; `message_id` is his name for it, by which it is taken in once."""

    provider: str
    message_id: str
    sender: str
    text: str
    received_at: datetime


@transaction.atomic
def take_in_text(text: Text) -> Inbound | None:
    """Keep it and do what it asks for; None when it was taken in before. Safe to run twice, and beside itself."""
    number = e164(text.sender) or text.sender.strip()
    contacts = contacts_at(number)
    client_ids = sorted({contact.client_id for contact in contacts})
    for client_id in client_ids:
        lock_client(client_id)
    is_known, wants_stop = len(client_ids) == 1, is_stop(text.text)
    words = without_cards(text.text)[:2000]
    given = {
        "channel": Channel.SMS,
        "kind": InboundKind.OPT_OUT if wants_stop else InboundKind.REPLY,
        "status": InboundStatus.IGNORED if wants_stop and contacts else InboundStatus.OPEN,
        "received_at": text.received_at,
        "sender": number[:254],
        "sender_name": contacts[0].name[:120] if is_known else "",
        "subject": f"SMS: {words}"[:80],
        "text": words,
        "full_text": words,
        "client": contacts[0].client if is_known else None,
        "contact": contacts[0] if is_known else None,
        "matched_by": "number" if is_known else "",
    }
    fingerprint = hashlib.sha256(f"sms:{text.provider}:{text.message_id}".encode()).hexdigest()
    row, is_new = Inbound.objects.get_or_create(fingerprint=fingerprint, defaults=given)
    if not is_new:
        return None
    if wants_stop:
        _stop(row, contacts, number, words)
    elif row.client:
        hold_for_reply(row, localdate())
    return row


def contacts_at(number: str) -> list[Contact]:
    """Everybody who is reached at this number, at whatever client."""
    rows = Contact.objects.filter(phone__in=ways_of_writing(number)).select_related("client").order_by("pk")
    return [contact for contact in rows if e164(contact.phone, contact.client.country) == number]


def _stop(row: Inbound, contacts: list[Contact], number: str, words: str) -> None:
    """For everybody at the number. Said once: a second STOP changes nothing and is not answered."""
    how = "STOP by SMS"
    stopped = [c for c in contacts if refuse(c, Channel.SMS, how=how, words=words or "STOP", actor=WHO)]
    if not stopped:
        return
    first = stopped[0]
    Acknowledgement.objects.create(
        client=first.client,
        contact=first,
        kind=AcknowledgementKind.OPT_OUT_CONFIRMED,
        once_key=f"sms_stop:{row.pk}",
        recipient=number,
        body_text=confirmation(first.language or first.client.language, organisation().name),
    )
