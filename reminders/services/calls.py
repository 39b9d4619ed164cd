"""The call queue: one outcome closes a call or moves it; each moves the plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate, localtime, now

from invoices.models import Client, Contact, Invoice
from invoices.rules.calendar import add_business_days
from invoices.services.audit import Actor, record, user_or_none
from invoices.services.disputes import open_dispute
from invoices.services.ledger import lock_client, wake

from ..errors import DunningError, NotWaiting
from ..models import BlockReason, CallOutcome, CallTask, Outcome, PromiseToPay, TaskKind, TaskStatus
from ..rules.outcomes import after
from .blocks import add_block
from .promises import make_promise
from .tasks import make_task


class CallResult(NamedTuple):
    """What the collector entered. Promise: amount, currency, promised_on, the items (all open ones when none is named).

    Dispute: invoice, amount, reason. `contact` is whose number was rung. `attempts_seen` is how many calls the task had
    when the form was opened: with another figure somebody else, or a second press of the key, has recorded it already.
    """

    outcome: str
    note: str = ""
    amount: Decimal | None = None
    currency: str = ""
    promised_on: date | None = None
    invoice: Invoice | None = None
    reason: str = ""
    call_back_at: datetime | None = None
    spoke_with: str = ""
    items: Sequence[Invoice] = ()
    contact: Contact | None = None
    attempts_seen: int | None = None


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
    promise = _do(client, result, actor)
    outcome = CallOutcome.objects.create(
        task=task,
        client=client,
        outcome=result.outcome,
        note=result.note,
        at=now(),
        by=user_or_none(actor),
        promise=promise,
    )
    _move_task(task, client, result)
    wake([client.pk], localdate())
    text = f"Call: {outcome.get_outcome_display()}" + (f". {result.note}" if result.note else "")
    record("call_recorded", outcome, actor=actor, client_id=client.pk, text=text)
    return outcome


def _do(client: Client, result: CallResult, actor: Actor) -> PromiseToPay | None:
    """The effect of the outcome beyond the queue."""
    today = localdate()
    match result.outcome:
        case Outcome.PROMISED:
            if not result.amount or not result.promised_on:
                raise DunningError("A promise needs an amount and a date.")
            return make_promise(
                client,
                items=result.items or list(client.invoices.filter(currency=result.currency, open_amount__gt=0)),
                amount=result.amount,
                currency=result.currency,
                promised_on=result.promised_on,
                actor=actor,
                made_by=result.spoke_with,
                how="call",
            )
        case Outcome.DISPUTE:
            if result.invoice is None or result.invoice.client_id != client.pk:
                raise DunningError("Choose the invoice that is disputed.")
            open_dispute(
                result.invoice.pk,
                amount=result.amount or result.invoice.open_amount,
                reason=result.reason or "other",
                comment=result.note,
                opened_by=result.spoke_with or client.name,
                actor=actor,
            )
        case Outcome.WRONG_NUMBER:
            rung = Contact.objects.filter(client=client)
            rung = rung.filter(pk=result.contact.pk) if result.contact else rung.filter(is_primary=True)
            rung.update(is_phone_dead=True)
            make_task(client.pk, TaskKind.FIND_CONTACT, due_on=today, text="The number we have is wrong.")
        case Outcome.SAYS_PAID:
            last_on = add_business_days(client.country, client.region, today, 3)
            add_block(client, reason=BlockReason.PAID_SEARCH, last_on=last_on, actor=actor, note=result.note)
            make_task(client.pk, TaskKind.FIND_PAYMENT, due_on=today, text=result.note or "Says it is paid.")
        case Outcome.CALL_BACK if result.call_back_at is None:
            raise DunningError("Say when to call back.")
        case Outcome.CALL_BACK if result.call_back_at < now():
            raise DunningError("The time to call back is past; choose a later one.")
    return None


def _move_task(task: CallTask, client: Client, result: CallResult) -> None:
    attempts = task.attempts + 1
    if result.outcome == Outcome.CALL_BACK:
        at = result.call_back_at or now() + timedelta(days=1)
        CallTask.objects.filter(pk=task.pk).update(
            call_back_at=at, due_on=localtime(at).date(), attempts=attempts, priority=F("priority") + 1
        )
        return
    following = after(result.outcome, attempts, localdate(), client.country, client.region)
    if following.again_on:
        CallTask.objects.filter(pk=task.pk).update(due_on=following.again_on, attempts=attempts)
    else:
        CallTask.objects.filter(pk=task.pk).update(status=TaskStatus.DONE, closed_at=now(), attempts=attempts)


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
