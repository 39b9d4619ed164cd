"""Why a client hears, or does not hear, from us on a date: the planner's own reasons, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from invoices.models import Invoice

from ..queries.accounts import load_accounts
from ..queries.procedures import Procedures
from ..rules.planner import plan
from ..rules.reasons import day, sentence
from ..rules.records import Plan, Procedure


class Explanation(NamedTuple):
    """`headline` is the one line; `reasons` the rest; `plan` the figures behind them."""

    client_id: int
    on: date
    headline: str
    reasons: tuple[str, ...]
    procedure: Procedure | None
    plan: Plan
    because: str = ""  # why this procedure: "the default", "by segment rule 1: DE"

    @property
    def review_on(self) -> date | None:
        return self.plan.review_on


def explain_client(client_id: int, on: date) -> Explanation:
    """What the run would decide for this client on that date, from the books as they are now. Changes nothing."""
    return explain_clients([client_id], on)[0]


def explain_clients(client_ids: Sequence[int], on: date) -> list[Explanation]:
    """The same for several, in their order, with a fixed number of queries."""
    known = Procedures()
    choices = known.choices(client_ids)
    procedures = known.chosen(choices)
    plans = [
        (account.client_id, procedure, plan(account, procedure, on) if procedure else None)
        for account in load_accounts(client_ids, on)
        for procedure in [procedures[account.client_id]]
    ]
    reasons = [reason for _, _, found in plans if found for reason in found.reasons]
    ids = {reason.figures["invoice_id"] for reason in reasons if reason.figures.get("invoice_id")}
    numbers = dict(Invoice.objects.filter(pk__in=ids).values_list("pk", "number"))
    return [
        _explanation(client_id, on, procedure, found, numbers)._replace(because=choices[client_id].because)
        for client_id, procedure, found in plans
    ]


def _explanation(
    client_id: int, on: date, procedure: Procedure | None, found: Plan | None, numbers: Mapping[int, str]
) -> Explanation:
    if found is None:
        return Explanation(client_id, on, "No active procedure serves this client.", (), None, Plan((), None, ()))
    sentences = tuple(sentence(reason, numbers) for reason in found.reasons)
    return Explanation(client_id, on, _headline(found, sentences, on), sentences, procedure, found)


def _headline(found: Plan, sentences: tuple[str, ...], on: date) -> str:
    if found.proposals:
        names = " and ".join(proposal.level.name for proposal in found.proposals)
        return f"{names} on {day(on)}: {sentences[0]}"
    again = f" We look again on {day(found.review_on)}." if found.review_on else ""
    return f"Nothing on {day(on)}: {sentences[0] if sentences else 'nothing is due.'}{again}"
