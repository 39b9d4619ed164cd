"""Write down what the planner decided: notices with their lines, call tasks, decisions, and withdrawals."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING

from django.utils.timezone import now

from invoices.queries.among import among
from invoices.services.bulk import insert_rows, next_ids

from ..models import (
    PENDING,
    CallTask,
    DunningRun,
    Notice,
    NoticeLine,
    OutgoingStatus,
    Task,
    TaskKind,
    TaskStatus,
)
from ..rules.priority import call_priority
from ..rules.reasons import day, sentence, stored
from ..rules.records import Code, Line, Plan, Proposal
from .assigning import assign, variant_of

if TYPE_CHECKING:
    from .dunning_run import Decision

NOTICE_FIELDS = (
    "id",
    "status",
    "attempts",
    "recipient",
    "subject",
    "body_text",
    "body_html",
    "message_id",
    "error",
    "reference",
    "client_id",
    "level_id",
    "run_id",
    "channel",
    "proposed_on",
    "send_before",
    "sent_on",
    "reasons",
    "variant_id",
)
LINE_FIELDS = ("notice_id", "invoice_id", "position", "cycle", "amount", "is_live", "reached_on")
INTERNAL = ("call", "decide")  # a row is the whole effect: reached when it is made


def write_plans(decisions: Sequence[Decision], run: DunningRun) -> int:
    """Write the proposals of these decisions; the caller holds the clients' locks. Returns how many notices."""
    on = run.on
    withdraws = [d for d in decisions if d.plan.withdraws]
    withdraw(withdraws)
    ask_to_allocate(withdraws, on)
    assign(decisions, on)
    ask_for_payment(decisions, on)
    proposals = [(d, proposal) for d in decisions for proposal in d.plan.proposals]
    ids = next_ids(Notice, len(proposals))
    notices, lines = [], []
    for pk, (decision, proposal) in zip(ids, proposals, strict=True):
        notices.append(_notice_row(pk, decision, proposal, run))
        reached_on = on if proposal.level.channel in INTERNAL else None
        lines.extend(line_row(pk, line, reached_on) for line in proposal.lines)
    if notices:
        insert_rows(Notice, NOTICE_FIELDS, notices)
        insert_rows(NoticeLine, LINE_FIELDS, lines)
        _make_tasks([(pk, d, p) for pk, (d, p) in zip(ids, proposals, strict=True) if p.level.channel in INTERNAL], on)
    return len(notices)


def _notice_row(pk: int, decision: Decision, proposal: Proposal, run: DunningRun) -> tuple[object, ...]:
    level = proposal.level
    is_internal = level.channel in INTERNAL
    if is_internal:
        status = OutgoingStatus.SENT
    else:
        status = OutgoingStatus.APPROVED if level.is_automatic else OutgoingStatus.PROPOSED
    reasons = [stored(reason) for reason in decision.plan.reasons[:20]]
    words = ("",) * 6  # recipient to error: frozen when it is sent
    return (
        pk,
        status.value,
        0,
        *words,
        uuid.uuid4(),
        decision.account.client_id,
        level.id,
        run.pk,
        level.channel,
        run.on,
        proposal.send_before,
        run.on if is_internal else None,
        reasons,
        variant_of(decision) if proposal is decision.plan.contact else None,
    )


def line_row(notice_id: int, line: Line, reached_on: date | None) -> tuple[object, ...]:
    """In the order of LINE_FIELDS."""
    return (notice_id, line.invoice_id, line.position, line.cycle, line.amount, True, reached_on)


def _make_tasks(made: Sequence[tuple[int, Decision, Proposal]], on: date) -> None:
    """A client has one open call and one open decision at most: a second level of the kind joins the first."""
    calls = [
        CallTask(
            client_id=decision.account.client_id,
            notice_id=pk,
            due_on=on,
            priority=call_priority(decision.account, on),
            reason=proposal.level.name,
        )
        for pk, decision, proposal in made
        if proposal.level.channel == "call"
    ]
    decisions = [
        Task(client_id=decision.account.client_id, notice_id=pk, kind=TaskKind.DECIDE, due_on=on)
        for pk, decision, proposal in made
        if proposal.level.channel == "decide"
    ]
    CallTask.objects.bulk_create(calls, ignore_conflicts=True)
    Task.objects.bulk_create(decisions, ignore_conflicts=True)


def drop_overdue(client_ids: Collection[int], on: date) -> None:
    """Cancel what waited past its last day, so that it is planned afresh; letters in print are in people's hands."""
    waiting = (OutgoingStatus.PROPOSED, OutgoingStatus.APPROVED)
    late = Notice.objects.filter(client_id__in=among(client_ids), status__in=waiting, send_before__lt=on)
    for pk, send_before in list(late.values_list("pk", "send_before")):
        cancel(pk, f"Too late to send: it was to leave by {day(send_before)}.")


def ask_to_allocate(decisions: Sequence[Decision], on: date) -> None:
    """Credit covers what could be asked for: somebody has to allocate it, and the client hears nothing."""
    covered = [
        decision.account.client_id
        for decision in decisions
        if any(reason.code == Code.CREDIT_COVERS for reason in decision.plan.reasons)
    ]
    tasks = [Task(client_id=client_id, kind=TaskKind.ALLOCATE, due_on=on) for client_id in covered]
    Task.objects.bulk_create(tasks, ignore_conflicts=True)


def ask_for_payment(decisions: Sequence[Decision], on: date) -> None:
    """Money on another account may be this client's: somebody has to look, and he hears nothing meanwhile."""
    found = {d.account.client_id for d in decisions for r in d.plan.reasons if r.code == Code.POSSIBLE_PAYMENT}
    text = "A receipt on another account may pay his invoices. Move it here, or close this if it is not his."
    tasks = [Task(client_id=pk, kind=TaskKind.FIND_PAYMENT, due_on=on, text=text) for pk in sorted(found)]
    Task.objects.bulk_create(tasks, ignore_conflicts=True)


def withdraw(decisions: Sequence[Decision]) -> None:
    """Stop what is under way for clients of whom nothing may be asked now; what is on the wire is left alone."""
    for decision in decisions:
        if decision.account.pending:
            cancel_pending(decision.account.client_id, why(decision.plan))
    client_ids = [decision.account.client_id for decision in decisions]
    CallTask.objects.filter(client_id__in=client_ids, status=TaskStatus.OPEN).update(
        status=TaskStatus.CANCELLED, closed_at=now()
    )


def cancel_pending(client_id: int, reason: str) -> None:
    """Cancel the notice of this client that waits for somebody or something, with the reason."""
    waiting = set(PENDING) - {OutgoingStatus.SENDING, OutgoingStatus.UNKNOWN, OutgoingStatus.CLAIMED}
    found = Notice.objects.filter(client_id=client_id, status__in=waiting).values_list("pk", flat=True)
    for pk in list(found):
        cancel(pk, reason)


def cancel(notice_id: int, reason: str) -> None:
    """The notice never leaves; its lines no longer count, so that its levels can be proposed again."""
    NoticeLine.objects.filter(notice_id=notice_id).update(is_live=False)
    Notice.objects.filter(pk=notice_id).update(status=OutgoingStatus.CANCELLED, error=reason[:300])


def why(found: Plan) -> str:
    """The plan's first reason, as the reason of a cancellation."""
    if not found.reasons or found.reasons[0].code == "nothing_owed":
        return "Paid in the meantime."
    return sentence(found.reasons[0])
