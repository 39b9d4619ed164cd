"""What waits for a person, counted for the navigation of every page: one statement, each count cut off at CAP."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from invoices.models import (
    Dispute,
    DisputeStatus,
    Organisation,
    Receipt,
    RecurringInvoice,
)
from invoices.queries.decisions import decision_queues
from invoices.queries.recurring import held_up
from invoices.queries.told import requests_waiting

from ..models import (
    CallTask,
    Notice,
    OutgoingStatus,
    PromiseStatus,
    PromiseToPay,
    Task,
    TaskKind,
    TaskStatus,
)
from .inbound import to_answer

CAP = 1000  # so that a queue of any length costs the same
FAILURES_SHOWN = timedelta(days=14)  # older ones are history: the level has been proposed again since


def queues(today: date) -> dict[str, QuerySet]:
    """Name -> its rows. Each is served by the partial index of the queue."""
    notices, tasks = Notice.objects, Task.objects.filter(status=TaskStatus.OPEN)
    return {
        "approvals": notices.filter(status=OutgoingStatus.PROPOSED),
        "calls": CallTask.objects.filter(status=TaskStatus.OPEN, due_on__lte=today),
        "letters": notices.filter(status=OutgoingStatus.PRINTING),
        "replies": to_answer(),
        "requests": requests_waiting(),
        "broken": tasks.filter(kind=TaskKind.BROKEN_PROMISE),
        "disputes": Dispute.objects.filter(status=DisputeStatus.OPEN),
        "notices": notices.filter(troubled(today)),
        "worklist": tasks.filter(due_on__lte=today),
        "receipts": Receipt.objects.filter(unapplied_amount__gt=0),
        "recurring": held_up(RecurringInvoice.objects.filter(next_on__lte=today)),
        **decision_queues(),
        "promises": PromiseToPay.objects.filter(status=PromiseStatus.OPEN, promised_on__lte=today),
        "stopped": Organisation.objects.filter(is_sending_stopped=True),
    }


def troubled(today: date) -> Q:
    """Notices whose outcome nobody knows, and those that failed lately."""
    failed = Q(status=OutgoingStatus.FAILED, proposed_on__gt=today - FAILURES_SHOWN)
    return Q(status=OutgoingStatus.UNKNOWN) | failed


def waiting_counts(today: date) -> dict[str, int]:
    """Name of a queue -> how many wait, at most CAP; `stopped` is 1 while the kill switch is on.

    `to_approve` is all that waits for a yes: notices, and money that a second person decides on.
    """
    parts, values = [], []
    for rows in queues(today).values():
        sql, params = rows.order_by().values("pk")[:CAP].query.sql_with_params()
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) q)")
        values += params
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), values)
        counts = dict(zip(queues(today), cursor.fetchone(), strict=True))
    return {**counts, "to_approve": min(CAP, sum(counts[name] for name in ("approvals", *decision_queues())))}
