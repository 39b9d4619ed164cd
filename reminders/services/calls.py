"""The call queue: one outcome closes a call or moves it; what each does beyond the queue: `services.call_effects`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.timezone import localdate, localtime, now

from invoices.models import AuditEvent, Client
from invoices.services.audit import Actor, record, user_or_none
from invoices.services.ledger import lock_client, wake

from ..errors import NotWaiting
from ..models import AcknowledgementKind, CallOutcome, CallTask, TaskStatus
from ..queries.calls import overdue_totals
from ..queries.plans import is_silenced
from ..rules.outcomes import after, is_given_up
from ..rules.reasons import day
from .answers import write_answer
from .call_effects import CallResult, Did, do, hold_back

__all__ = ["CallResult", "ask_for_call", "assign_calls", "escalate_calls", "record_call"]

WORKER = "worker"
KEPT = ("status", "due_on", "attempts", "priority", "call_back_at")  # of the call, for taking it back


@transaction.atomic
def record_call(task_id: int, result: CallResult, *, actor: Actor) -> CallOutcome:
    """Write down one call and do what its outcome asks for. All or nothing: a refused promise records no call."""
    task = CallTask.objects.select_related("client").get(pk=task_id)
    client = lock_client(task.client_id)
    task = CallTask.objects.select_for_update().get(pk=task_id)
    if task.status != TaskStatus.OPEN:
        raise NotWaiting(f"This call is {task.get_status_display().lower()} already.")
    if result.attempts_seen not in (None, task.attempts):
        raise NotWaiting("This call was recorded meanwhile; look at what was said before you ring again.")
    did = {**_as_it_was(task, result), **do(client, result, actor)}
    if is_given_up(result.outcome, task.attempts + 1):
        did["mails"] = _write_instead(client, task)
    outcome = CallOutcome.objects.create(
        task=task,
        client=client,
        outcome=result.outcome,
        note=result.note,
        at=now(),
        by=user_or_none(actor),
        promise_id=did.get("promise"),
        did=did,
    )
    _move_task(task, client, result)
    wake([client.pk], localdate())
    text = f"Call: {outcome.get_outcome_display()}" + (f". {result.note}" if result.note else "")
    record("call_recorded", outcome, actor=actor, client_id=client.pk, text=text)
    return outcome


def _as_it_was(task: CallTask, result: CallResult) -> Did:
    """The call before, and whose number was rung; as JSON."""
    before: dict[str, Any] = {name: getattr(task, name) for name in KEPT}
    for name in ("due_on", "call_back_at"):
        before[name] = before[name] and before[name].isoformat()
    return {"before": before, "contact": result.contact.pk if result.contact else None}


def _write_instead(client: Client, task: CallTask) -> list[int]:
    """Nobody answers: a mail says that we rang, with the link. Not to a client about whom we are silent."""
    if is_silenced(client.pk, localdate()):
        return []
    totals = dict(overdue_totals(client, localdate()))
    currency = client.currency if client.currency in totals else next(iter(totals), client.currency)
    facts = {"amount": totals.get(currency, 0), "currency": currency}
    return hold_back([write_answer(client, AcknowledgementKind.CALL_MISSED, f"call_missed:{task.pk}", None, facts)])


def _move_task(task: CallTask, client: Client, result: CallResult) -> None:
    row, attempts = CallTask.objects.filter(pk=task.pk), task.attempts + 1
    if at := result.call_back_at:
        # An agreed hour jumps the queue.
        row.update(call_back_at=at, due_on=localtime(at).date(), attempts=attempts, priority=F("priority") + 1)
        return
    following = after(result.outcome, attempts, localdate(), client.country, client.region)
    if following.again_on:
        row.update(due_on=following.again_on, call_back_at=None, attempts=attempts)
    else:
        row.update(status=TaskStatus.DONE, closed_at=now(), attempts=attempts)


@transaction.atomic
def ask_for_call(client: Client, *, due_on: date, reason: str, actor: Actor) -> CallTask:
    """A call that a person wants made; joins an open one."""
    lock_client(client.pk)
    task, created = CallTask.objects.get_or_create(
        client=client, status=TaskStatus.OPEN, defaults={"due_on": due_on, "reason": reason[:200]}
    )
    if created:
        record("call_asked", task, actor=actor, client_id=client.pk, text=f"Call asked for: {reason}")
    return task


@transaction.atomic
def assign_calls(task_ids: Collection[int], user: Actor | None, *, actor: Actor) -> int:
    """Give open calls to somebody; None gives them back to everybody. Returns how many."""
    tasks = CallTask.objects.select_for_update().filter(pk__in=task_ids, status=TaskStatus.OPEN).order_by("pk")
    for task in tasks:
        text = f"Call given to {user}" if user else "Call given back to everybody"
        record("call_assigned", task, actor=actor, client_id=task.client_id, text=text)
    return CallTask.objects.filter(pk__in=[task.pk for task in tasks]).update(assigned_to=user_or_none(user or ""))


@transaction.atomic
def escalate_calls(today: date) -> int:
    """Calls that nobody made by their day go to the whole team, once per due day. Returns how many.

    The sequence does not wait for them: its next level runs from the day on which the call was asked for.
    """
    told = AuditEvent.objects.filter(
        client_id=OuterRef("client_id"),
        verb="call_escalated",
        subject_type="calltask",
        subject_id=OuterRef("pk"),
        at__date__gt=OuterRef("due_on"),
    )
    late = CallTask.objects.select_for_update(of=("self",)).filter(status=TaskStatus.OPEN, due_on__lt=today)
    rows = list(late.filter(~Exists(told)).select_related("assigned_to").order_by("pk"))
    for task in rows:
        whose = f", was with {task.assigned_to}" if task.assigned_to else ""
        text = f"Call not made by {day(task.due_on)}{whose}: the team's now"
        record("call_escalated", task, actor=WORKER, client_id=task.client_id, text=text)
    CallTask.objects.filter(pk__in=[task.pk for task in rows]).update(assigned_to=None)
    return len(rows)
