"""Reads for the call queue and call mode."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils.timezone import localtime

from invoices.models import Client, Contact, Invoice
from invoices.queries.clients import open_items_of
from invoices.rules.ageing import days_past_due

from ..models import CallOutcome, CallTask, TaskStatus
from ..rules.outcomes import COUNTS_AS, best_hour
from .standing import ItemStanding, item_standings

ITEMS_SHOWN = 40
CALLS_LOOKED_AT = 60  # past ones, for the best hour and the last result of each number


class CallItem(NamedTuple):
    invoice: Invoice
    days: int
    standing: ItemStanding

    @property
    def is_asked(self) -> bool:
        """Overdue, and neither promised nor disputed: what the call is about."""
        return self.days > 0 and not self.standing.promised_on and not self.standing.dispute


class NumberFacts(NamedTuple):
    """A contact, and what the last call to his number came to; None where it was never rung."""

    contact: Contact
    last: CallOutcome | None


class CallFacts(NamedTuple):
    """What a collector has before him. `totals`: (currency, amount) of what is overdue, not promised, not disputed."""

    client: Client
    items: Sequence[CallItem]
    more_items: int
    totals: Sequence[tuple[str, Decimal]]
    contacts: Sequence[Contact]
    attempts: int
    numbers: Sequence[NumberFacts] = ()
    best_hour: int | None = None  # of the client's day, or of ours where his zone is unknown

    @property
    def oldest(self) -> CallItem | None:
        return next((item for item in self.items if item.is_asked), None)

    @property
    def person(self) -> Contact | None:
        """Whom to ask for: the first who can be rung."""
        return next((contact for contact in self.contacts if contact.phone and not contact.is_phone_dead), None)


def call_facts(client: Client, today: date, now: datetime) -> CallFacts:
    rows = _call_items(client, today)
    contacts = list(
        Contact.objects.filter(client=client, is_active=True).order_by("is_phone_dead", "-is_primary", "pk")
    )
    past = list(CallOutcome.objects.filter(client=client, undone_at=None).order_by("-at")[:CALLS_LOOKED_AT])
    week = [one for one in past if one.at > now - timedelta(days=7) and COUNTS_AS.get(one.outcome) != "none"]
    rung = {one.did.get("contact"): one for one in reversed(past)}
    zone = _zone(client)
    return CallFacts(
        client,
        rows[:ITEMS_SHOWN],
        len(rows[ITEMS_SHOWN:]),
        _totals(rows),
        contacts,
        len(week),
        [NumberFacts(contact, rung.get(contact.pk)) for contact in contacts],
        best_hour((localtime(one.at, zone).hour, one.outcome) for one in past),
    )


def _zone(client: Client) -> ZoneInfo | None:
    try:
        return ZoneInfo(client.time_zone) if client.time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _call_items(client: Client, today: date) -> list[CallItem]:
    items = list(open_items_of(client.pk)[: ITEMS_SHOWN + 200])
    standings = item_standings(client.pk)
    return [CallItem(i, days_past_due(i.due_on, today), standings.get(i.pk, ItemStanding())) for i in items]


def _totals(rows: Sequence[CallItem]) -> list[tuple[str, Decimal]]:
    totals: dict[str, Decimal] = {}
    for row in rows:
        if row.is_asked:
            totals[row.invoice.currency] = totals.get(row.invoice.currency, Decimal(0)) + row.invoice.open_amount
    return sorted(totals.items())


def overdue_totals(client: Client, today: date) -> list[tuple[str, Decimal]]:
    """(currency, amount) of what is overdue, not promised and not disputed."""
    return _totals(_call_items(client, today))


def calls_with_numbers() -> QuerySet[CallTask]:
    """For the list: `client.reachable_by_phone` holds the contacts with a live number, the best first."""
    people = Contact.objects.filter(is_active=True, is_phone_dead=False).exclude(phone="").order_by("-is_primary", "pk")
    rows = CallTask.objects.select_related("client", "assigned_to")
    return rows.prefetch_related(Prefetch("client__contacts", people, "reachable_by_phone"))


def calls_due(today: date, now: datetime) -> QuerySet[CallTask]:
    """Open calls whose day, and whose agreed hour, has come."""
    due = CallTask.objects.filter(status=TaskStatus.OPEN, due_on__lte=today)
    return due.filter(Q(call_back_at__isnull=True) | Q(call_back_at__lte=now))


def next_call(user_id: int, today: date, now: datetime, skipped: Collection[int] = ()) -> CallTask | None:
    """The next call of this collector: agreed hours first, then by day and priority; not those given to others."""
    mine = calls_due(today, now).filter(Q(assigned_to__isnull=True) | Q(assigned_to=user_id))
    order = (F("call_back_at").asc(nulls_last=True), "due_on", "-priority", "pk")
    return mine.exclude(pk__in=skipped).order_by(*order).first()


def last_call_of(user_id: int, since: datetime) -> CallOutcome | None:
    """The newest call of this collector after a moment, unless it was taken back."""
    rows = CallOutcome.objects.filter(by=user_id, at__gt=since).select_related("client").order_by("-at", "-pk")
    row = rows.first()
    return row if row and row.undone_at is None else None
