"""How a client stands with us besides money: what is promised, disputed, blocked, in a payment plan."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from invoices.models import Dispute, DisputeStatus, PlanItem, PlanStatus

from ..models import DunningBlock, PromiseItem, PromiseStatus


class ItemStanding(NamedTuple):
    """Of one open item: until when it is promised, the open dispute on it, and the plan in force that it is in."""

    promised_on: date | None = None
    dispute: Dispute | None = None
    plan_id: int | None = None


def item_standings(client_id: int) -> dict[int, ItemStanding]:
    """Invoice id -> what stands in the way of dunning it; items with nothing are not in it."""
    promised = dict(
        PromiseItem.objects.filter(promise__client_id=client_id, promise__status=PromiseStatus.OPEN)
        .order_by("promise__promised_on")
        .values_list("invoice_id", "promise__promised_on")
    )
    disputes = {
        dispute.invoice_id: dispute
        for dispute in Dispute.objects.filter(invoice__client_id=client_id, status=DisputeStatus.OPEN)
    }
    in_plan = PlanItem.objects.filter(plan__client_id=client_id, plan__status=PlanStatus.ACTIVE, is_live=True)
    plans = dict(in_plan.values_list("invoice_id", "plan_id"))
    known = promised.keys() | disputes.keys() | plans.keys()
    return {pk: ItemStanding(promised.get(pk), disputes.get(pk), plans.get(pk)) for pk in known}


def blocks_in_force(client_id: int, today: date) -> list[DunningBlock]:
    rows = DunningBlock.objects.filter(client_id=client_id, lifted_at__isnull=True).select_related("invoice", "owner")
    return [block for block in rows if block.last_on is None or block.last_on >= today]
