"""Tasks for people that are not calls."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils.timezone import localdate, now

from invoices.models import Contact, EmailState
from invoices.services.audit import Actor, record, user_or_none
from invoices.services.ledger import wake

from ..errors import NotWaiting
from ..models import Task, TaskKind, TaskStatus

WRONG_NUMBER = "The number we have is wrong."


@transaction.atomic
def make_task(client_id: int, kind: TaskKind, *, due_on: date, text: str = "") -> Task:
    """Ask for something once: while a task of the kind is open for the client, that one stands."""
    task, _ = Task.objects.get_or_create(
        client_id=client_id, kind=kind, status=TaskStatus.OPEN, defaults={"due_on": due_on, "text": text[:300]}
    )
    return task


@transaction.atomic
def add_to_task(client_id: int, kind: TaskKind, *, due_on: date, text: str) -> Task:
    """Ask for one more thing: where a task of the kind is open, the text joins it, and the earlier day counts."""
    task = make_task(client_id, kind, due_on=due_on, text=text)
    if text not in task.text:
        task.text = f"{task.text} {text}"[:300]
        task.due_on = min(task.due_on, due_on)
        task.save(update_fields=["text", "due_on"])
    return task


@transaction.atomic
def ask_for_contact(client_id: int, today: date, *, address: str = "", text: str = "") -> None:
    """Mail does not reach this client. With `address`, that one is used no more: mail waits for another one."""
    if address:
        Contact.objects.filter(client_id=client_id, email__iexact=address).update(email_state=EmailState.BOUNCED)
    text = text or "No working mail address is known."
    make_task(client_id, TaskKind.FIND_CONTACT, due_on=today, text=text)


@transaction.atomic
def ask_for_number(client_id: int, today: date) -> Task:
    """A telephone number is wrong. Joins an open search for a contact, which then ends with a number, not a mail."""
    task = make_task(client_id, TaskKind.FIND_CONTACT, due_on=today, text=WRONG_NUMBER)
    if WRONG_NUMBER not in task.text:
        task.text = f"{task.text[: 299 - len(WRONG_NUMBER)]} {WRONG_NUMBER}"
        task.save(update_fields=["text"])
    return task


def contact_found(client_id: int) -> None:
    """A mail went through: whoever was looking for an address can stop. A wrong number is still wrong."""
    looking = Task.objects.filter(client_id=client_id, kind=TaskKind.FIND_CONTACT, status=TaskStatus.OPEN)
    looking.exclude(text__contains=WRONG_NUMBER).update(
        status=TaskStatus.DONE, closed_at=now(), outcome="A mail went through."
    )


def settle_task(client_id: int, kind: TaskKind, outcome: str) -> None:
    """What the task asked about has come right, or has become another one."""
    Task.objects.filter(client_id=client_id, kind=kind, status=TaskStatus.OPEN).update(
        status=TaskStatus.DONE, closed_at=now(), outcome=outcome
    )


@transaction.atomic
def close_task(task_id: int, *, outcome: str, actor: Actor) -> Task:
    """Done, with what came of it. The client is planned afresh."""
    task = Task.objects.select_for_update().get(pk=task_id)
    if task.status != TaskStatus.OPEN:
        raise NotWaiting(f"This task is {task.get_status_display().lower()} already.")
    Task.objects.filter(pk=task.pk).update(
        status=TaskStatus.DONE, outcome=outcome[:300], closed_at=now(), closed_by=user_or_none(actor)
    )
    wake([task.client_id], localdate())
    text = f"{task.get_kind_display()}: {outcome}"
    record("task_closed", task, actor=actor, client_id=task.client_id, text=text)
    task.refresh_from_db()
    return task


@transaction.atomic
def assign_tasks(task_ids: Collection[int], user: Actor | None, *, actor: Actor) -> int:
    """Give open tasks to somebody; None gives them back to everybody. Returns how many."""
    tasks = Task.objects.select_for_update().filter(pk__in=task_ids, status=TaskStatus.OPEN).order_by("pk")
    for task in tasks:
        text = f"{task.get_kind_display()}: " + (f"given to {user}" if user else "given back to everybody")
        record("task_assigned", task, actor=actor, client_id=task.client_id, text=text)
    return Task.objects.filter(pk__in=[task.pk for task in tasks]).update(assigned_to=user_or_none(user or ""))
