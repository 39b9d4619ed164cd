"""Payment plans as they stand now: their instalments, and what is paid of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from ..models import (
    Allocation,
    CreditNote,
    Dispute,
    DisputeStatus,
    Instalment,
    Invoice,
    PaymentPlan,
    PlanItem,
    PlanStatus,
    Receipt,
)
from ..rules.money import ZERO
from ..rules.plan_terms import PlanLimits
from ..rules.plans import Grace, Money, Planned, PlanStanding, paid_towards, standing
from .clients import client_ids_matching
from .organisation import organisation
from .payments import amounts_on_their_way

ENDED_GOOD = (PlanStatus.ACTIVE, PlanStatus.KEPT)


def plan_limits() -> PlanLimits:
    """What one person may agree alone."""
    us = organisation()
    return PlanLimits(us.plan_limit, us.currency, us.plan_months, Decimal(us.settlement_percent))


def plans_matching(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text))


def all_plans() -> QuerySet[PaymentPlan]:
    return PaymentPlan.objects.select_related("client", "asked_by")


def plans_of(client_id: int) -> list[PaymentPlan]:
    """In force and waiting, the newest first."""
    live = PaymentPlan.objects.filter(client_id=client_id, status__in=[PlanStatus.ACTIVE, PlanStatus.PROPOSED])
    return list(live.select_related("client").order_by("-pk"))


def plan_of_client(client_id: int, plan_id: int) -> PaymentPlan | None:
    """As agreed with this client: one that waits for a manager, or was refused, is none."""
    never = [PlanStatus.PROPOSED, PlanStatus.REFUSED]
    rows = PaymentPlan.objects.filter(client_id=client_id, pk=plan_id).exclude(status__in=never)
    return rows.select_related("client__account_manager").first()


def live_plan_of(invoice_id: int) -> PaymentPlan | None:
    """The plan that the invoice is in, in force or waiting for approval."""
    item = PlanItem.objects.filter(invoice_id=invoice_id, is_live=True).select_related("plan__client").first()
    return item.plan if item else None


def invoices_in_good_plans() -> QuerySet[PlanItem]:
    """Items of plans that are in force or were kept: lateness is not charged for. Ids are in `invoice_id`."""
    return PlanItem.objects.filter(plan__status__in=ENDED_GOOD)


def is_in_good_plan(invoice_id: int) -> bool:
    return invoices_in_good_plans().filter(invoice=invoice_id).exists()


class ItemNow(NamedTuple):
    """An item of a plan: agreed then, open now, of which so much is disputed or on its way."""

    agreed: Decimal
    is_open: Decimal
    disputed: Decimal = ZERO
    on_the_way: Decimal = ZERO


def money_of(items: Collection[ItemNow], credit: Decimal) -> Money:
    """What counts towards a plan of these items; `credit` is on account of the client in its currency."""
    paid = paid_towards((item.agreed, item.is_open) for item in items)
    waiting = credit + sum((item.on_the_way for item in items), ZERO)
    return Money(paid, waiting, sum((min(item.disputed, item.is_open) for item in items), ZERO))


def planned(instalments: Iterable[Instalment]) -> list[Planned]:
    return [Planned(one.due_on, one.amount, one.missed_on) for one in instalments]


def grace_of(plan: PaymentPlan) -> Grace:
    return Grace(plan.grace_days, plan.client.country, plan.client.region)


def plan_standing(plan: PaymentPlan, today: date) -> PlanStanding:
    return plan_standings([plan], today)[plan.pk]


def plan_standings(plans: Sequence[PaymentPlan], today: date) -> dict[int, PlanStanding]:
    """Plan id -> how it stands, in a fixed number of queries. The plans come with their client."""
    ids, clients = [plan.pk for plan in plans], {plan.client_id for plan in plans}
    instalments: dict[int, list[Instalment]] = defaultdict(list)
    for one in Instalment.objects.filter(plan__in=ids).order_by("plan", "position"):
        instalments[one.plan_id].append(one)
    items, credit = _items(ids, clients), _credit(clients)
    return {
        plan.pk: standing(
            planned(instalments[plan.pk]),
            money_of(items[plan.pk], credit[plan.client_id, plan.currency]),
            today,
            grace_of(plan),
        )
        for plan in plans
    }


def _items(ids: list[int], clients: set[int]) -> dict[int, list[ItemNow]]:
    rows = list(
        PlanItem.objects.filter(plan__in=ids).values_list("plan_id", "invoice_id", "amount", "invoice__open_amount")
    )
    open_disputes = Dispute.objects.filter(status=DisputeStatus.OPEN, invoice__in=[row[1] for row in rows])
    disputed = dict(open_disputes.values_list("invoice_id", "amount"))
    on_the_way = amounts_on_their_way(list(clients))
    items: dict[int, list[ItemNow]] = defaultdict(list)
    for plan_id, invoice_id, *amounts in rows:
        items[plan_id].append(ItemNow(*amounts, disputed.get(invoice_id, ZERO), on_the_way.get(invoice_id, ZERO)))
    return items


def _credit(clients: set[int]) -> dict[tuple[int, str], Decimal]:
    credit: dict[tuple[int, str], Decimal] = defaultdict(lambda: ZERO)
    for model in (Receipt, CreditNote):
        rows = model.objects.filter(client__in=clients, unapplied_amount__gt=0).order_by()
        for client_id, currency, amount in rows.values_list("client_id", "currency").annotate(
            sum=Sum("unapplied_amount")
        ):
            credit[client_id, currency] += amount
    return credit


def last_paid_on(plan: PaymentPlan) -> date | None:
    """When money, or a credit note, last came for its items since it was agreed; what was undone does not count.

    Money counts from the day it was with us, however late it was allocated; not before the plan.
    """
    rows = Allocation.objects.filter(invoice__plan_items__plan=plan, amount__gt=0, reversed_by__isnull=True)
    came_on = Coalesce("receipt__received_on", "allocated_on")
    last = rows.filter(allocated_on__gte=plan.agreed_on).aggregate(last=Max(came_on))["last"]
    return max(last, plan.agreed_on) if last else None


def items_of(plan: PaymentPlan) -> list[PlanItem]:
    return list(PlanItem.objects.filter(plan=plan).select_related("invoice").order_by("invoice__due_on", "invoice_id"))


def open_for_plan(client_id: int) -> QuerySet[Invoice]:
    """Open items of the client that are in no live plan, and under no settlement."""
    taken = PlanItem.objects.filter(is_live=True, invoice__client=client_id).values("invoice_id")
    rows = Invoice.objects.filter(client=client_id, open_amount__gt=0).exclude(pk__in=taken)
    rows = rows.exclude(settlement_items__is_live=True)
    return rows.order_by("due_on", "id")
