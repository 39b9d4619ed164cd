"""The call queue: one outcome closes a call or moves it; each moves the plan."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate, localtime, now

from invoices.models import Client, Contact, Invoice
from invoices.services.audit import Actor, record, user_or_none
from invoices.services.disputes import open_dispute
from invoices.services.ledger import lock_client, wake

from ..errors import DunningError, NotWaiting
from ..models import BlockReason, CallOutcome, CallTask, Outcome, PromiseToPay, TaskKind, TaskStatus
from ..rules.calendar import add_business_days
from ..rules.outcomes import after
from .blocks import add_block
from .promises import make_promise
from .tasks import make_task


class CallResult(NamedTuple):
    """What the collector entered. Promise: amount, currency, promised_on. Dispute: invoice, amount, reason."""

    outcome: str
    note: str = ""
    amount: Decimal | None = None
    currency: str = ""
    promised_on: date | None = None
    invoice: Invoice | None = None
    reason: str = ""
    call_back_at: datetime | None = None
    spoke_with: str = ""


@transaction.atomic
def record_call(task_id: int, result: CallResult, *, actor: Actor) -> CallOutcome:
    """Write down one call and do what its outcome asks for. All or nothing: a refused promise records no call."""
    task = CallTask.objects.select_related("client").get(pk=task_id)
    client = lock_client(task.client_id)
    task = CallTask.objects.select_for_update().get(pk=task_id)
    if task.status != TaskStatus.OPEN:
        raise NotWaiting(f"This call is {task.get_status_display().lower()} already.")
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
                items=list(client.invoices.filter(currency=result.currency, open_amount__gt=0)),
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
            Contact.objects.filter(client=client, is_primary=True).update(is_phone_dead=True)
            make_task(client.pk, TaskKind.FIND_CONTACT, due_on=today, text="The number we have is wrong.")
        case Outcome.SAYS_PAID:
            last_on = add_business_days(client.country, client.region, today, 3)
            add_block(client, reason=BlockReason.PAID_SEARCH, last_on=last_on, actor=actor, note=result.note)
            make_task(client.pk, TaskKind.FIND_PAYMENT, due_on=today, text=result.note or "Says it is paid.")
        case Outcome.CALL_BACK if result.call_back_at is None:
            raise DunningError("Say when to call back.")
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
