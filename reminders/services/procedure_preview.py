"""Who would get what from a procedure on a date: the run's own decisions, written down nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from django.db.models import Q

from invoices.models import Client, Invoice

from ..models import DunningAccount
from ..rules.reasons import sentence
from ..rules.records import Proposal
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
    """What a run on `on` would propose to this procedure's clients, from the books as they are now."""
    ids = _clients_due(procedure_id, on, is_default=is_default)
    decisions = decide(ids[:LOOKED_AT], on)[0]
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
