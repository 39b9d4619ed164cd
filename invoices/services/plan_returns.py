"""A plan that was kept stands again when its money goes back: its instalments are missing, and the client is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from ..models import Invoice, PaymentPlan, PlanItem, PlanStatus, SettlementItem, WriteOff, WriteOffStatus
from ..queries.plans import plan_standing
from ..rules.money import plain
from .audit import Actor, record
from .ledger import wake
from .plan_judging import payoff_note
from .write_offs import reverse_write_off


def reopen_plans(invoices: Collection[Invoice], *, on: date, actor: Actor) -> None:
    """After money was taken off these invoices. The caller holds the locks of their clients.

    What an early payoff waived is owed again with it. Paid once more, the plan is kept again by the next tick.
    """
    kept = PaymentPlan.objects.filter(status=PlanStatus.KEPT, items__invoice__in=[one.pk for one in invoices])
    for plan in kept.select_related("client").distinct().order_by("pk"):
        if plan_standing(plan, on).left and not _is_covered_anew(plan):
            _reopen(plan, on=on, actor=actor)


def _is_covered_anew(plan: PaymentPlan) -> bool:
    """Another agreement holds an item by now: that one counts."""
    ids = PlanItem.objects.filter(plan=plan).values("invoice_id")
    in_plan = PlanItem.objects.filter(invoice__in=ids, is_live=True).exclude(plan=plan).exists()
    return in_plan or SettlementItem.objects.filter(invoice__in=ids, is_live=True).exists()


def _reopen(plan: PaymentPlan, *, on: date, actor: Actor) -> None:
    note = payoff_note(plan)
    waived = WriteOff.objects.filter(invoice__plan_items__plan=plan, status=WriteOffStatus.BOOKED, note=note)
    for loss in waived.order_by("pk"):
        reverse_write_off(loss.pk, reason=f"the money of plan {plan.pk} went back", actor=actor, on=on)
    PlanItem.objects.filter(plan=plan).update(is_live=True)
    PaymentPlan.objects.filter(pk=plan.pk).update(status=PlanStatus.ACTIVE, ended_on=None)
    wake([plan.client_id], on)
    left = plain(plan_standing(plan, on).left, plan.currency)
    text = f"Plan {plan.pk} in force again, since its money went back: {left} {plan.currency} is left"
    record("plan_reopened", plan, actor=actor, client_id=plan.client_id, text=text)
