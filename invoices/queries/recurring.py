"""Reads for recurring invoices: the schedule as rules see it, what is due, what is held up."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from ..models import RecurringInvoice, RecurringIssue, RecurringStatus
from ..rules.recurring import Interval, Schedule
from .clients import client_ids_matching


def schedule_of(recurring: RecurringInvoice) -> Schedule:
    return Schedule(Interval(recurring.frequency), recurring.first_on, recurring.last_on, recurring.count)


def due_recurring(today: date) -> QuerySet[RecurringInvoice]:
    """Those with a date through today. Served by recurring_due."""
    return RecurringInvoice.objects.filter(status=RecurringStatus.ACTIVE, next_on__lte=today).order_by("next_on", "id")


def with_state(rows: QuerySet[RecurringInvoice]) -> QuerySet[RecurringInvoice]:
    """With what `state_word` reads."""
    own = RecurringIssue.objects.filter(recurring=OuterRef("pk"))
    held_up = own.filter(period_on=OuterRef("next_on"), invoice__isnull=True)
    return rows.annotate(is_held_up=Exists(held_up), has_begun=Exists(own))


def state_word(recurring: RecurringInvoice) -> str:
    """How it stands: Active, Held up, Paused, Not started or Ended."""
    if recurring.status == RecurringStatus.ACTIVE and recurring.is_held_up:
        return "Held up"
    if recurring.status == RecurringStatus.PAUSED and not recurring.has_begun:
        return "Not started"
    return recurring.get_status_display()


def held_up(rows: QuerySet[RecurringInvoice]) -> QuerySet[RecurringInvoice]:
    """Active ones whose date has come, but for which no invoice could be written."""
    waiting = Q(status=RecurringStatus.ACTIVE, issues__period_on=F("next_on"), issues__invoice__isnull=True)
    return rows.filter(waiting).distinct()


def why_held_up(recurring: RecurringInvoice) -> str:
    """Why the next period could not be invoiced at the last try; empty when it was not refused."""
    if recurring.status != RecurringStatus.ACTIVE or recurring.next_on is None:
        return ""
    waiting = recurring.issues.filter(period_on=recurring.next_on, invoice__isnull=True)
    return waiting.values_list("skipped_reason", flat=True).first() or ""


def handled_through(recurring: RecurringInvoice) -> date | None:
    """The last period that was invoiced or skipped. One that is held up is neither."""
    done = recurring.issues.all()
    if recurring.next_on:
        done = done.exclude(invoice__isnull=True, period_on__gte=recurring.next_on)
    return done.order_by("-period_on").values_list("period_on", flat=True).first()


def recurring_matching(text: str) -> Q:
    return Q(name__icontains=text) | Q(client_id__in=client_ids_matching(text))
