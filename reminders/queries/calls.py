"""Reads for the call queue and call mode."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Prefetch, Q, QuerySet

from invoices.models import Client, Contact, Invoice
from invoices.queries.clients import open_items_of
from invoices.rules.ageing import days_past_due

from ..models import CallOutcome, CallTask, TaskStatus
from .standing import ItemStanding, item_standings

ITEMS_SHOWN = 40


class CallItem(NamedTuple):
    invoice: Invoice
    days: int
    standing: ItemStanding

    @property
    def is_asked(self) -> bool:
        """Overdue, and neither promised nor disputed: what the call is about."""
        return self.days > 0 and not self.standing.promised_on and not self.standing.dispute


class CallFacts(NamedTuple):
    """What a collector has before him. `totals`: (currency, amount) of what is overdue, not promised, not disputed."""

    client: Client
    items: Sequence[CallItem]
    more_items: int
    totals: Sequence[tuple[str, Decimal]]
    contacts: Sequence[Contact]
    attempts: int

    @property
    def oldest(self) -> CallItem | None:
        return next((item for item in self.items if item.is_asked), None)

    @property
    def person(self) -> Contact | None:
        """Whom to ask for: the first who can be rung."""
        return next((contact for contact in self.contacts if contact.phone and not contact.is_phone_dead), None)


def call_facts(client: Client, today: date, now: datetime) -> CallFacts:
    items = list(open_items_of(client.pk)[: ITEMS_SHOWN + 200])
    standings = item_standings(client.pk)
    rows = [CallItem(i, days_past_due(i.due_on, today), standings.get(i.pk, ItemStanding())) for i in items]
    totals: dict[str, Decimal] = {}
    for row in rows:
        if row.is_asked:
            totals[row.invoice.currency] = totals.get(row.invoice.currency, Decimal(0)) + row.invoice.open_amount
    contacts = Contact.objects.filter(client=client, is_active=True).order_by("is_phone_dead", "-is_primary", "pk")
    week = CallOutcome.objects.filter(client=client, at__gt=now - timedelta(days=7))
    return CallFacts(
        client, rows[:ITEMS_SHOWN], len(rows[ITEMS_SHOWN:]), sorted(totals.items()), list(contacts), week.count()
    )


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
