"""Who would get what from a procedure on a date: the run's own decisions, written down nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from invoices.models import Client, Invoice

from ..models import DunningAccount, DunningProcedure, ProcedureStatus
from ..queries.procedures import procedure_record
from ..rules.reasons import sentence
from ..rules.records import Procedure, Proposal
from .dunning_run import decide, main_reason

LOOKED_AT = 200


class WouldGet(NamedTuple):
    client: Client
    level: str
    channel: str
    amounts: Sequence[tuple[str, object]]
    items: int


class WouldWait(NamedTuple):
    client: Client
    why: str


class ProcedurePreview(NamedTuple):
    """Over the first LOOKED_AT clients due by the date; `is_cut` when there are more."""

    on: date
    looked_at: int
    is_cut: bool
    by_level: Sequence[tuple[str, int]]
    gets: Sequence[WouldGet]
    waits: Sequence[WouldWait]


def preview_procedure(procedure_id: int, on: date, *, is_default: bool) -> ProcedurePreview:
    """What a run on `on` would propose to this procedure's clients, from the books as they are now.

    Of one that is not active: as if it were switched on that day, for the clients pinned to it, else for everybody who
    owes something, since switching on has all of them looked at.
    """
    procedure = DunningProcedure.objects.get(pk=procedure_id)
    if procedure.status == ProcedureStatus.ACTIVE:
        return _preview(_clients_due(procedure_id, on, is_default=is_default), on)
    owes = Client.objects.filter(Exists(Invoice.objects.filter(client=OuterRef("pk"), open_amount__gt=0)))
    pinned = owes.filter(dunning__procedure=procedure)
    ids = (pinned if pinned.exists() else owes).order_by("id").values_list("pk", flat=True)[: LOOKED_AT + 1]
    return _preview(list(ids), on, instead=procedure_record(procedure)._replace(switched_on=on))


def preview_run(on: date) -> ProcedurePreview:
    """What a run on `on` would propose to everybody who is due by then, whatever his procedure."""
    due = Client.objects.filter(review_on__lte=on).order_by("review_on", "id").values_list("pk", flat=True)
    return _preview(list(due[: LOOKED_AT + 1]), on)


def _preview(ids: list[int], on: date, *, instead: Procedure | None = None) -> ProcedurePreview:
    decisions = decide(ids[:LOOKED_AT], on, instead=instead)[0]
    clients = Client.objects.in_bulk([decision.account.client_id for decision in decisions])
    gets, waits, levels = [], [], Counter[tuple[int, str]]()
    found = [(clients[decision.account.client_id], decision.plan) for decision in decisions]
    wanted = {r.figures["invoice_id"] for _, plan in found for r in plan.reasons[:1] if r.figures.get("invoice_id")}
    numbers = dict(Invoice.objects.filter(pk__in=wanted).values_list("pk", "number"))
    for client, plan in found:
        for proposal in plan.proposals:
            levels[proposal.level.position, proposal.level.name] += 1
            gets.append(WouldGet(client, proposal.level.name, proposal.level.channel, *_figures(proposal)))
        if not plan.proposals:
            waits.append(WouldWait(client, sentence(main_reason(plan), numbers)))
    by_level = [(name, n) for (_, name), n in sorted(levels.items())]
    return ProcedurePreview(on, len(decisions), len(ids) > LOOKED_AT, by_level, gets, waits)


def _clients_due(procedure_id: int, on: date, *, is_default: bool) -> list[int]:
    pinned = DunningAccount.objects.filter(procedure=procedure_id).values("client_id")
    served = Q(pk__in=pinned)
    if is_default:
        served |= ~Q(pk__in=DunningAccount.objects.values("client_id"))
    due = Client.objects.filter(served, review_on__lte=on).order_by("review_on", "id").values_list("pk", flat=True)
    return list(islice(due.iterator(), LOOKED_AT + 1))


def _figures(proposal: Proposal) -> tuple[list[tuple[str, object]], int]:
    sums: dict[str, object] = {}
    for line in proposal.lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount  # type: ignore[operator]
    return sorted(sums.items()), len(proposal.lines)
