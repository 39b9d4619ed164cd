"""What a provider tells about a message: delivered, opened, bounced, marked as unwanted. Each event once, by its id.

An event that names no message of ours, or an address that this message did not go to, is kept and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from invoices.models import Contact
from invoices.services.audit import record
from invoices.services.ledger import lock_client

from ..models import Acknowledgement, Channel, DeliveryEvent, Notice, NoticePart
from ..queries.inbound import match
from ..queries.recipients import addresses_of
from .addresses import address_failed, refuse

BOUNCED, DELIVERED = "bounced", "delivered"
UNWANTED = {"complained": "Marked our mail as unwanted", "unsubscribed": "Unsubscribed at the provider"}


class Event(NamedTuple):
    """As a provider told it. `kind`: sent, delivered, opened, clicked, deferred, bounced (for good), complained, ..."""

    provider: str
    event_id: str
    kind: str
    at: datetime
    recipient: str
    message_ids: Sequence[str]  # the provider's own, or the Message-ID
    details: str = ""
    channel: str = Channel.EMAIL


class Message(NamedTuple):
    """What an event is about."""

    client_id: int
    recipients: set[str]
    notice: Notice | None = None
    part: NoticePart | None = None
    acknowledgement: Acknowledgement | None = None


def take_events(events: Sequence[Event]) -> int:
    """Returns how many were new."""
    return sum(take_event(event) for event in events)


@transaction.atomic
def take_event(event: Event) -> bool:
    about = message_named(event.message_ids)
    if about:
        lock_client(about.client_id)
    given = {
        "kind": event.kind[:20],
        "at": event.at,
        "recipient": event.recipient[:254],
        "notice": about.notice if about else None,
        "acknowledgement": about.acknowledgement if about else None,
        "details": event.details[:300],
    }
    key = {"provider": event.provider[:20], "event_id": event.event_id[:120]}
    _, is_new = DeliveryEvent.objects.get_or_create(**key, defaults=given)
    if is_new and about and event.recipient.lower() in about.recipients:
        _follow_up(event, about)
    return is_new


def message_named(message_ids: Sequence[str]) -> Message | None:
    """By the provider's name for it, else by our Message-ID."""
    for name in filter(None, message_ids):
        if part := NoticePart.objects.select_related("notice").filter(provider_id=name).first():
            return Message(part.notice.client_id, {part.recipient.lower()}, part.notice, part)
        if notice := Notice.objects.filter(provider_id=name).first():
            return Message(notice.client_id, {notice.recipient.lower()}, notice)
        if row := Acknowledgement.objects.filter(provider_id=name).first():
            return Message(row.client_id, {row.recipient.lower()}, acknowledgement=row)
    found = match(None, message_ids, "")
    if found.notice:
        return Message(found.notice.client_id, addresses_of(found.notice), found.notice)
    if row := found.acknowledgement:
        return Message(row.client_id, {row.recipient.lower()}, acknowledgement=row)
    return None


def _follow_up(event: Event, about: Message) -> None:
    if event.kind == DELIVERED:
        _delivered(event, about)
    elif event.kind == BOUNCED:
        text = f"Message to {event.recipient} came back. {event.details}".strip()[:300]
        address_failed(about.client_id, event.channel, event.recipient, text=text)
        subject = about.notice or about.acknowledgement
        assert subject is not None
        record("mail_bounced", subject, actor=event.provider, client_id=about.client_id, text=text)
    elif event.kind in UNWANTED:
        for contact in Contact.objects.filter(client_id=about.client_id, email__iexact=event.recipient):
            refuse(contact, Channel.EMAIL, how=event.provider, words=UNWANTED[event.kind], actor=event.provider)


def _delivered(event: Event, about: Message) -> None:
    """The first time counts. Of a notice with parts each has its own moment."""
    if about.part:
        NoticePart.objects.filter(pk=about.part.pk, delivered_at=None).update(delivered_at=event.at)
    elif about.notice and event.recipient.lower() == about.notice.recipient.lower():
        Notice.objects.filter(pk=about.notice.pk, delivered_at=None).update(delivered_at=event.at)
