"""Take a call back, for half a minute: exactly what its outcome did, and no more. Recorded; a mail is never unsent,
which is why the mails of an outcome wait as long.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate, now

from invoices.models import Contact, DisputeStatus, PaymentPlan, PlanStatus
from invoices.services.audit import Actor, record
from invoices.services.disputes import close_dispute
from invoices.services.ledger import lock_client, wake
from invoices.services.plans import cancel_plan, decide_plan

from ..errors import NotWaiting
from ..models import (
    Acknowledgement,
    CallOutcome,
    CallTask,
    DunningBlock,
    OutgoingStatus,
    PromiseStatus,
    PromiseToPay,
    Task,
    TaskStatus,
)
from .blocks import lift_block
from .call_effects import UNDO_TIME, Did
from .promises import withdraw_promise
from .tasks import WRONG_NUMBER

TAKEN_BACK = "The call's outcome was taken back."


@transaction.atomic
def undo_call(outcome_id: int, *, actor: Actor) -> CallOutcome:
    """The call is open again as it was. Raises NotWaiting after 30 seconds, or when something came of it already."""
    outcome = CallOutcome.objects.select_related("task").get(pk=outcome_id)
    lock_client(outcome.client_id)
    outcome = CallOutcome.objects.select_related("task").get(pk=outcome_id)
    _check(outcome)
    did = outcome.did
    _take_back_mails(did)
    _take_back_agreements(did, actor)
    if (block_id := did.get("block")) and DunningBlock.objects.filter(pk=block_id, lifted_at=None).exists():
        lift_block(block_id, actor=actor)
    Contact.objects.filter(pk__in=did.get("phones", ())).update(is_phone_dead=False)
    _take_back_tasks(did)
    _reopen(outcome.task, did["before"])
    outcome.undone_at = now()
    outcome.save(update_fields=["undone_at"])
    wake([outcome.client_id], localdate())
    text = f"Call taken back: {outcome.get_outcome_display()}"
    record("call_undone", outcome, actor=actor, client_id=outcome.client_id, text=text)
    return outcome


def _check(outcome: CallOutcome) -> None:
    if outcome.undone_at:
        raise NotWaiting("This call was taken back already.")
    if now() - outcome.at > UNDO_TIME or "before" not in outcome.did:
        raise NotWaiting("Half a minute has passed: change what the call did on the client's page.")
    task = outcome.task
    if task.outcomes.filter(at__gt=outcome.at, undone_at=None).exists():
        raise NotWaiting("The client was rung again meanwhile; only the last call can be taken back.")
    if CallTask.objects.filter(client_id=task.client_id, status=TaskStatus.OPEN).exclude(pk=task.pk).exists():
        raise NotWaiting("Another call to this client was asked for meanwhile.")


def _take_back_mails(did: Did) -> None:
    waiting = Acknowledgement.objects.filter(pk__in=did.get("mails", ()), status=OutgoingStatus.APPROVED)
    # The key is given free: the same answer may be written again after the next call.
    for row in waiting:
        Acknowledgement.objects.filter(pk=row.pk).update(
            status=OutgoingStatus.CANCELLED, error=TAKEN_BACK, once_key=f"undone:{row.pk}"
        )


def _take_back_agreements(did: Did, actor: Actor) -> None:
    promise_id = did.get("promise")
    if promise_id and PromiseToPay.objects.filter(pk=promise_id, status=PromiseStatus.OPEN).exists():
        withdraw_promise(promise_id, actor=actor)
    if dispute_id := did.get("dispute"):
        close_dispute(dispute_id, status=DisputeStatus.WITHDRAWN, outcome=TAKEN_BACK, actor=actor)
    if plan_id := did.get("plan"):
        plan = PaymentPlan.objects.get(pk=plan_id)
        if plan.status == PlanStatus.ACTIVE:
            cancel_plan(plan_id, reason=TAKEN_BACK, actor=actor)
        elif plan.status == PlanStatus.PROPOSED:
            decide_plan(plan_id, is_approved=False, actor=actor, reason=TAKEN_BACK)
    PromiseToPay.objects.filter(pk__in=did.get("replaced", ()), status=PromiseStatus.REPLACED).update(
        status=PromiseStatus.OPEN, judged_on=None
    )


def _take_back_tasks(did: Did) -> None:
    made = Task.objects.filter(pk__in=did.get("tasks", ()), status=TaskStatus.OPEN)
    made.update(status=TaskStatus.CANCELLED, closed_at=now(), outcome=TAKEN_BACK)
    if joined := did.get("joined"):
        # The search for a contact had begun before, and goes on without the number.
        task = Task.objects.get(pk=joined)
        Task.objects.filter(pk=joined).update(text=task.text.removesuffix(WRONG_NUMBER).rstrip())


def _reopen(task: CallTask, before: Did) -> None:
    at = before["call_back_at"]
    moments = {
        "due_on": date.fromisoformat(before["due_on"]),
        "call_back_at": datetime.fromisoformat(at) if at else None,
    }
    CallTask.objects.filter(pk=task.pk).update(**{**before, **moments, "closed_at": None})
