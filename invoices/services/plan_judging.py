"""How a payment plan goes: kept, missed, broken, or paid off early. Each may be asked any number of times, and late.

Nothing here deletes or skips: a plan that nobody looked at for days is judged by the money that came, and the client
is told of what is missing before the plan can break.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import LedgerError
from ..models import Client, Instalment, Invoice, PaymentPlan, PlanStatus, WriteOffReason
from ..queries.plans import last_paid_on, plan_standing, planned
from ..rules.money import ZERO, plain
from ..rules.plans import PlanStanding, State, Verdict, payoff_discount
from .audit import Actor, record
from .ledger import wake
from .plans import end_plan, locked_plan, require_active
from .write_offs import NewWriteOff, waive_agreed

ENDED = {Verdict.KEPT: PlanStatus.KEPT, Verdict.BROKEN: PlanStatus.BROKEN}


class Judged(NamedTuple):
    """How the plan stands after it was looked at. `untold`: missed instalments of which the client has not heard."""

    plan: PaymentPlan
    standing: PlanStanding
    untold: list[Instalment]


@transaction.atomic
def judge_plan(plan_id: int, today: date, *, actor: Actor = "worker") -> Judged | None:
    """End a plan that is kept or broken; None when it is not in force.

    Broken, its items return with the levels they had; kept early, the agreed discount is waived.
    """
    client, plan = locked_plan(plan_id)
    if plan.status != PlanStatus.ACTIVE:
        return None
    if _is_paid_off(plan):
        _waive_rest(client, plan, today, actor=actor)
    rows = list(Instalment.objects.filter(plan=plan))
    found = plan_standing(plan, today)
    forgiven = [row.pk for row, one in zip(rows, found.instalments, strict=True) if row.missed_on and not one.missing]
    # It came after all: if it goes back one day, the client is told anew before anything else happens.
    Instalment.objects.filter(pk__in=forgiven).update(missed_on=None)
    if found.verdict in ENDED:
        _end(client, plan, found, today, actor=actor)
    late = (State.MISSED, State.LATE)
    standings = zip(rows, found.instalments, strict=True)
    return Judged(plan, found, [row for row, one in standings if one.state in late and row.missed_on is None])


def _end(client: Client, plan: PaymentPlan, found: PlanStanding, today: date, *, actor: Actor) -> None:
    end_plan(plan, ENDED[found.verdict], today)
    wake([client.pk], today)
    plan.refresh_from_db()
    paid, left = plain(found.paid, plan.currency), plain(found.left, plan.currency)
    if found.verdict is Verdict.KEPT:
        text = f"Plan {plan.pk} kept: {paid} {plan.currency} settled"
    else:
        text = f"Plan {plan.pk} broken: {paid} of {plain(plan.total_amount, plan.currency)} {plan.currency} came, "
        text += f"{left} {plan.currency} is due by its own dates again"
    record(f"plan_{found.verdict.value}", plan, actor=actor, client_id=client.pk, text=text)


@transaction.atomic
def note_told(instalment_ids: Collection[int], today: date) -> None:
    """The client is told today that these are missing; their grace begins with it, where it had not."""
    Instalment.objects.filter(pk__in=instalment_ids, missed_on__isnull=True).update(missed_on=today)


# --- paying off early -------------------------------------------------------------------------------------------------


def discount_on(plan: PaymentPlan, on: date) -> Decimal:
    """What would be waived if the plan were paid off on that day; 0 after the last day of the offer."""
    if plan.payoff_until is None or on > plan.payoff_until:
        return ZERO
    return payoff_discount(planned(plan.instalments.all()), plan.payoff_percent, on, plan.currency)


def _is_paid_off(plan: PaymentPlan) -> bool:
    """Judged by the day on which money last came, so that a day on which nothing ran costs the client nothing."""
    if plan.payoff_until is None or (paid_on := last_paid_on(plan)) is None:
        return False
    left = plan_standing(plan, paid_on).left
    return ZERO < left <= discount_on(plan, paid_on)


def payoff_note(plan: PaymentPlan) -> str:
    """By which the losses of an early payoff are found again."""
    return f"Plan {plan.pk} paid off early"


def _waive_rest(client: Client, plan: PaymentPlan, on: date, *, actor: Actor) -> None:
    left = plan_standing(plan, on).left
    for invoice in Invoice.objects.filter(plan_items__plan=plan, open_amount__gt=0).order_by("due_on", "id"):
        amount = min(invoice.open_amount, left)
        if amount <= ZERO:
            break
        new = NewWriteOff(amount, WriteOffReason.GOODWILL, payoff_note(plan), is_claim_alive=False)
        waive_agreed(client, invoice, new, on=on, actor=actor)
        left -= amount
    record("plan_paid_off", plan, actor=actor, client_id=client.pk, text=f"Plan {plan.pk} paid off early; rest waived")


@transaction.atomic
def pay_off_plan(plan_id: int, *, actor: Actor, on: date | None = None) -> Judged | None:
    """Close a plan of which the payoff amount came, at once. Raises LedgerError, with what is missing, until it did."""
    _, plan = locked_plan(plan_id)
    require_active(plan)
    on = on or localdate()
    if not _is_paid_off(plan):
        discount = discount_on(plan, on)
        if not discount:
            raise LedgerError(f"Plan {plan.pk} has no early payoff that holds today: all of it has to be paid.")
        missing = plain(plan_standing(plan, on).left - discount, plan.currency)
        raise LedgerError(f"{missing} {plan.currency} has to be paid and allocated first; then the rest is waived.")
    return judge_plan(plan_id, on, actor=actor)
