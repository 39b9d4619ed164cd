"""Reads for the pages of notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from invoices.models import AuditEvent
from invoices.rules.money import ZERO

from ..models import Channel, Notice, NoticeLine, OutgoingStatus
from ..rules.reasons import from_stored, sentence
from .contacting import reachable_contacts
from .facts import first_contact

LINES = Prefetch("lines", NoticeLine.objects.select_related("invoice").order_by("pk"))


def notices_with_lines() -> QuerySet[Notice]:
    """For lists that show amounts and recipients: three more queries, however many rows."""
    contacts = Prefetch("client__contacts", reachable_contacts(), "reachable")
    return Notice.objects.select_related("client", "level").prefetch_related(LINES, contacts)


def amounts_of(lines: Iterable[NoticeLine]) -> dict[str, Decimal]:
    """Currency -> what the notice is about."""
    sums: dict[str, Decimal] = {}
    for line in lines:
        sums[line.invoice.currency] = sums.get(line.invoice.currency, ZERO) + line.amount
    return sums


def recipient_of(notice: Notice) -> str:
    """Whom it went to, or would go to now. `notice` comes from `notices_with_lines`."""
    if notice.recipient:
        return notice.recipient
    if notice.channel != Channel.EMAIL:
        return notice.client.name
    contact = first_contact(notice.client.reachable)
    return contact.email if contact else ""


def reasons_of(notice: Notice, numbers: Mapping[int, str]) -> list[str]:
    """Why it was proposed, as sentences."""
    return [sentence(from_stored(kept), numbers) for kept in notice.reasons]


def history_of(notice: Notice) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.filter(client_id=notice.client_id, subject_type="notice", subject_id=notice.pk)
    return events.select_related("actor").order_by("-at", "-pk")


def next_proposed(after: int) -> int | None:
    """The next notice that waits for approval, after this one and round again."""
    waiting = Notice.objects.filter(status=OutgoingStatus.PROPOSED).exclude(pk=after).order_by("pk")
    behind = waiting.filter(pk__gt=after).values_list("pk", flat=True).first()
    return behind or waiting.values_list("pk", flat=True).first()


def waiting_at(notice: Notice) -> str:
    """Where a notice stands, for the page: the queue it waits in."""
    return {OutgoingStatus.PROPOSED: "approvals", OutgoingStatus.PRINTING: "letters"}.get(notice.status, "notices")
