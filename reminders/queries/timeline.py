"""Everything that happened with a client, newest first, from the tables that each kind lives in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from invoices.models import AuditEvent, Note, PortalView

from ..models import CallOutcome, Notice

KINDS = {
    "notices": "Notices",
    "calls": "Calls",
    "notes": "Notes",
    "money": "Money",
    "changes": "Changes",
    "visits": "Portal visits",
}
# These verbs are shown from their own rows, with more to say.
ELSEWHERE = ("note_written", "note_pinned", "note_unpinned", "notice_sent", "call_recorded", "call_outcome")
MONEY_VERBS = (
    "invoice_issued",
    "invoice_voided",
    "receipt_recorded",
    "receipt_allocated",
    "receipt_reversed",
    "receipt_moved",
    "receipt_moved_back",
    "receipt_corrected",
    "allocation_undone",
    "credit_note_issued",
    "credit_allocated",
    "invoice_deferred",
    "deferral_taken_back",
    "recurring_issued",
)
MONEY = Q(verb__in=MONEY_VERBS)
for beginning in ("payment_", "write_off_", "refund_", "discount_", "settlement_", "plan_", "charge_"):
    MONEY |= Q(verb__startswith=beginning)


class Happening(NamedTuple):
    """One thing on the timeline. `subject` and `subject_id` say which row it is about, for a link."""

    at: datetime
    kind: str
    title: str
    text: str
    who: str
    state: str
    subject: str
    subject_id: int | None


def timeline(client_id: int, *, kind: str = "", before: datetime | None = None, limit: int = 30) -> list[Happening]:
    """The newest `limit` happenings before a moment; of one kind when given. One query per kind."""
    found: list[Happening] = []
    for name, source in SOURCES.items():
        if kind in ("", name):
            found += source(client_id, before, limit)
    return sorted(found, key=lambda one: one.at, reverse=True)[:limit]


def _notices(client_id: int, before: datetime | None, limit: int) -> Iterator[Happening]:
    rows = (
        Notice.objects.filter(client_id=client_id, sent_at__isnull=False).select_related("level").order_by("-sent_at")
    )
    for row in _before(rows, "sent_at", before)[:limit]:
        title = row.subject or f"{row.get_channel_display()}: {row.level}"
        to = f"To {row.recipient}" if row.recipient else ""
        yield Happening(row.sent_at, "notices", title, to, "", row.channel, "notice", row.pk)


def _calls(client_id: int, before: datetime | None, limit: int) -> Iterator[Happening]:
    rows = CallOutcome.objects.filter(client_id=client_id).select_related("by").order_by("-at")
    for row in _before(rows, "at", before)[:limit]:
        who = row.by.full_name if row.by else ""
        title = f"Call: {row.get_outcome_display().lower()}{', taken back' if row.undone_at else ''}"
        yield Happening(row.at, "calls", title, row.note, who, row.outcome, "calloutcome", row.pk)


def _notes(client_id: int, before: datetime | None, limit: int) -> Iterator[Happening]:
    rows = Note.objects.filter(client_id=client_id).select_related("written_by").order_by("-written_at")
    for row in _before(rows, "written_at", before)[:limit]:
        who = row.written_by.full_name if row.written_by else ""
        state = "pinned" if row.is_pinned else ""
        yield Happening(row.written_at, "notes", "Note", row.text, who, state, "note", row.pk)


def _money(client_id: int, before: datetime | None, limit: int) -> Iterator[Happening]:
    return _events("money", MONEY, client_id, before, limit)


def _changes(client_id: int, before: datetime | None, limit: int) -> Iterator[Happening]:
    return _events("changes", ~MONEY & ~Q(verb__in=ELSEWHERE), client_id, before, limit)


def _visits(client_id: int, before: datetime | None, limit: int) -> Iterator[Happening]:
    rows = PortalView.objects.filter(client_id=client_id).select_related("contact").order_by("-hour_at")
    for row in _before(rows, "hour_at", before)[:limit]:
        title = f"Looked at the portal: {row.page.replace('_', ' ')}"
        yield Happening(row.hour_at, "visits", title, "", str(row.contact), "", "contact", row.contact_id)


def _events(kind: str, which: Q, client_id: int, before: datetime | None, limit: int) -> Iterator[Happening]:
    rows = AuditEvent.objects.filter(which, client_id=client_id).select_related("actor").order_by("-at", "-pk")
    for row in _before(rows, "at", before)[:limit]:
        who = row.actor.full_name if row.actor else row.actor_label
        title = row.text or row.verb.replace("_", " ").capitalize()
        yield Happening(row.at, kind, title, differences(row), who, row.verb, row.subject_type, row.subject_id)


def differences(event: AuditEvent) -> str:
    """Before and after in words, a line each; empty for an event that only adds."""
    lines = []
    for name, old in event.before.items():
        new = event.after.get(name)
        lines.append(f"{name.replace('_', ' ').capitalize()}: {_word(old)} → {_word(new)}")
    return "\n".join(lines)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value in (None, "") else str(value)


def _before(rows: QuerySet, field: str, before: datetime | None) -> QuerySet:
    return rows.filter(**{f"{field}__lt": before}) if before else rows


SOURCES: dict[str, Callable[[int, datetime | None, int], Iterator[Happening]]] = {
    "notices": _notices,
    "calls": _calls,
    "notes": _notes,
    "money": _money,
    "changes": _changes,
    "visits": _visits,
}
