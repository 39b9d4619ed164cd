"""Whose mail is this, and what does it answer? And the reads of the reply inbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from invoices.models import Client, Contact

from ..models import Acknowledgement, Inbound, InboundStatus, Notice
from ..reply_address import Answered


class Match(NamedTuple):
    """As far as it is certain. `by` is empty when nothing was found; a sender alone is no proof for a bounce."""

    by: str = ""
    client: Client | None = None
    contact: Contact | None = None
    notice: Notice | None = None
    acknowledgement: Acknowledgement | None = None

    @property
    def is_about_ours(self) -> bool:
        """It names a mail that we sent."""
        return self.notice is not None or self.acknowledgement is not None


def match(answered: Answered | None, about: Sequence[str], sender: str) -> Match:
    """By the address it was sent to, by the mails it refers to, else by a sender who is known at just one client."""
    if answered and (found := _by_token(answered)):
        return found
    if about and (found := _by_message_id(about)):
        return found
    if sender:
        contacts = list(Contact.objects.filter(email__iexact=sender).select_related("client").order_by("pk")[:10])
        if len({contact.client_id for contact in contacts}) == 1:
            return Match("sender", contacts[0].client, contacts[0])
    return Match()


def _by_token(answered: Answered) -> Match | None:
    if answered.kind == "n":
        notice = Notice.objects.select_related("client", "contact").filter(pk=answered.pk).first()
        return notice and Match("reply address", notice.client, notice.contact, notice=notice)
    row = Acknowledgement.objects.select_related("client", "contact").filter(pk=answered.pk).first()
    return row and Match("reply address", row.client, row.contact, acknowledgement=row)


def _by_message_id(about: Sequence[str]) -> Match | None:
    """The nearest mail of the thread that is ours. Message-IDs are made from references, so an index finds them."""
    for message_id in about[:20]:
        kind, _, reference = message_id.strip("<>").partition("@")[0].partition("-")
        if kind in ("notice", "ack") and (found := _by_reference(kind, reference)):
            return found
    return None


def _by_reference(kind: str, reference: str) -> Match | None:
    try:
        key = UUID(reference)
    except ValueError:
        return None
    if kind == "notice":
        notice = Notice.objects.select_related("client", "contact").filter(reference=key).first()
        return notice and Match("Message-ID", notice.client, notice.contact, notice=notice)
    row = Acknowledgement.objects.select_related("client", "contact").filter(reference=key).first()
    return row and Match("Message-ID", row.client, row.contact, acknowledgement=row)


def to_answer() -> QuerySet[Inbound]:
    """Served by inbound_open."""
    return Inbound.objects.filter(status=InboundStatus.OPEN).order_by("pk")


def thread(row: Inbound, limit: int = 20) -> QuerySet[Inbound]:
    """What else came from the client, newest first."""
    if row.client_id is None:
        return Inbound.objects.none()
    return Inbound.objects.filter(client_id=row.client_id).exclude(pk=row.pk).order_by("-received_at")[:limit]
