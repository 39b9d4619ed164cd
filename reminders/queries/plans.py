"""Payment plans as the planner sees them, and what their clients have heard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Max, Q
from django.utils.timezone import localtime

from invoices.models import Instalment, PaymentPlan, PlanItem, PlanStatus
from invoices.queries.among import Chosen
from invoices.queries.plans import ItemNow, money_of, plan_standings, planned
from invoices.rules.money import ZERO, plain
from invoices.rules.plans import Grace, PlanStanding, Standing, standing

from ..models import Acknowledgement, AcknowledgementKind, CallOutcome, DunningBlock, Notice, Outcome
from ..rules.records import Item, PlanHold

# Mails about a plan that count as a contact; its confirmation answers the client and does not.
ABOUT_PLANS = (
    AcknowledgementKind.INSTALMENT_DUE,
    AcknowledgementKind.INSTALMENT_MISSED,
    AcknowledgementKind.PLAN_BROKEN,
)


class Plans(NamedTuple):
    """Client -> his plans in force; client -> when he last heard of an instalment."""

    holds: Mapping[int, Sequence[PlanHold]]
    told: Mapping[int, date]


def holds_of(
    client_ids: Chosen,
    items: Mapping[int, Sequence[Item]],
    credit: Mapping[int, Mapping[str, Decimal]],
    places: Mapping[int, tuple[Any, ...]],
    today: date,
) -> Plans:
    """One query where nobody has, or lately had, a plan; three more where somebody has."""
    status = Q(status__in=[PlanStatus.ACTIVE, PlanStatus.BROKEN])
    rows = PaymentPlan.objects.filter(status, client_id__in=client_ids).order_by("pk")
    plans = list(rows.values_list("pk", "client_id", "status", "currency", "grace_days"))
    if not plans:
        return Plans({}, {})
    active = [plan for plan in plans if plan[2] == PlanStatus.ACTIVE]
    ids = [plan[0] for plan in active]
    dates, agreed = _instalments(ids), _agreed(ids)
    holds: dict[int, list[PlanHold]] = defaultdict(list)
    for pk, client_id, _, currency, days in active:
        own = {item.invoice_id: item for item in items.get(client_id, ())}
        now = [_item_now(amount, own.get(invoice_id)) for invoice_id, amount in agreed[pk]]
        money = money_of(now, credit.get(client_id, {}).get(currency, ZERO))
        found = standing(planned(dates[pk]), money, today, Grace(days, *places[client_id]))
        next_one = found.next
        hold = PlanHold(
            pk,
            frozenset(invoice_id for invoice_id, _ in agreed[pk]),
            found.due_now,
            currency,
            next_one.due_on if next_one else None,
            found.look_on,
        )
        holds[client_id].append(hold)
    return Plans(holds, _told({plan[1] for plan in plans}))


def _item_now(agreed: Decimal, item: Item | None) -> ItemNow:
    """An item that is not among the open ones is settled."""
    if item is None:
        return ItemNow(agreed, ZERO)
    return ItemNow(agreed, item.open_amount, item.disputed, item.on_the_way)


def _instalments(ids: list[int]) -> dict[int, list[Instalment]]:
    found: dict[int, list[Instalment]] = defaultdict(list)
    for one in Instalment.objects.filter(plan__in=ids).order_by("plan", "position"):
        found[one.plan_id].append(one)
    return found


def _agreed(ids: list[int]) -> dict[int, list[tuple[int, Decimal]]]:
    found: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for plan_id, invoice_id, amount in PlanItem.objects.filter(plan__in=ids).values_list(
        "plan_id", "invoice_id", "amount"
    ):
        found[plan_id].append((invoice_id, amount))
    return found


def _told(client_ids: set[int]) -> dict[int, date]:
    mails = Acknowledgement.objects.filter(client_id__in=client_ids, kind__in=ABOUT_PLANS).order_by()
    return {
        client_id: localtime(at).date()
        for client_id, at in mails.values_list("client_id").annotate(last=Max("created_at"))
    }


class PlanDue(NamedTuple):
    """What a plan in force asks its client for: all that is missing, else the next instalment."""

    plan_id: int
    currency: str
    invoice_ids: tuple[int, ...]
    due: Decimal
    due_on: date | None
    is_missed: bool
    instalments: Sequence[Standing]

    @property
    def due_plain(self) -> str:
        """As it goes into an entry field: 1234.50."""
        return plain(self.due, self.currency)


def plans_due(client_id: int, today: date) -> list[PlanDue]:
    """In the order in which they were agreed."""
    rows = PaymentPlan.objects.filter(client=client_id, status=PlanStatus.ACTIVE).select_related("client")
    plans = list(rows.order_by("pk"))
    found = plan_standings(plans, today)
    agreed = _agreed([plan.pk for plan in plans])
    return [_due(plan, found[plan.pk], tuple(pk for pk, _ in agreed[plan.pk])) for plan in plans]


def _due(plan: PaymentPlan, found: PlanStanding, invoice_ids: tuple[int, ...]) -> PlanDue:
    due_on = found.next.due_on if found.next else None
    return PlanDue(plan.pk, plan.currency, invoice_ids, found.due_now, due_on, bool(found.missed), found.instalments)


def was_contacted_on(client_id: int, today: date) -> bool:
    """Whether the client heard from us that day: a notice, a call, or a mail about a plan."""
    if Notice.objects.filter(client_id=client_id, sent_on=today).exclude(channel="decide").exists():
        return True
    if _told({client_id}).get(client_id) == today:
        return True
    calls = CallOutcome.objects.filter(client_id=client_id, at__date=today, undone_at=None)
    return calls.exclude(outcome=Outcome.WRONG_NUMBER).exists()


def is_silenced(client_id: int, today: date) -> bool:
    """A block on the whole client, of every channel or of mail, is in force."""
    rows = DunningBlock.objects.filter(client_id=client_id, invoice=None, lifted_at=None, channel__in=["", "email"])
    return any(block.is_in_force(today) for block in rows)
