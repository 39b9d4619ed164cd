"""What clients hear of their payment plans and deferrals, and the tick that judges plans. Staff and portal call these.

The plan itself is `invoices.services.plans`; mails, tasks and promises are written in the same transaction.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from invoices.models import Client, Deferral, PaymentPlan, PlanStatus
from invoices.queries.plan_terms import NewPlan
from invoices.queries.plans import grace_of
from invoices.rules.money import plain
from invoices.rules.plan_terms import Who
from invoices.rules.plans import Planned, PlanStanding, Verdict
from invoices.services import deferrals
from invoices.services import plans as ledger
from invoices.services.audit import Actor
from invoices.services.deferrals import NewDeferral
from invoices.services.plan_judging import Judged, judge_plan, note_told, pay_off_plan

from ..answering import AnswerLine
from ..models import AcknowledgementKind, PromiseStatus, PromiseToPay, TaskKind
from ..queries.plans import is_silenced, was_contacted_on
from ..rules.reasons import day
from .answers import write_answer
from .tasks import make_task, settle_task

log = logging.getLogger(__name__)

DAYS_BEFORE = timedelta(days=5)  # a friendly mail before each instalment


@transaction.atomic
def agree_plan(client_id: int, new: NewPlan, *, actor: Actor, who: Who = Who.STAFF) -> PaymentPlan:
    """As the ledger's; once in force it is confirmed by mail, and takes the place of promises about its items.

    For a call's outcome, a page of staff, or the portal. Raises LedgerError with the sentence for who asked.
    """
    return _confirmed(ledger.agree_plan(client_id, new, actor=actor, who=who))


@transaction.atomic
def change_plan(plan_id: int, new: NewPlan, *, actor: Actor) -> PaymentPlan:
    return _confirmed(ledger.change_plan(plan_id, new, actor=actor))


@transaction.atomic
def decide_plan(plan_id: int, *, is_approved: bool, actor: Actor, reason: str = "") -> PaymentPlan:
    return _confirmed(ledger.decide_plan(plan_id, is_approved=is_approved, actor=actor, reason=reason))


def _confirmed(plan: PaymentPlan) -> PaymentPlan:
    if plan.status == PlanStatus.ACTIVE:
        replaced = PromiseToPay.objects.filter(
            client=plan.client_id, status=PromiseStatus.OPEN, items__invoice__plan_items__plan=plan
        )
        ids = list(replaced.values_list("pk", flat=True))
        PromiseToPay.objects.filter(pk__in=ids).update(status=PromiseStatus.REPLACED, judged_on=localdate())
        settle_task(plan.client_id, TaskKind.DECIDE, f"{plan} is agreed.")
        settle_task(plan.client_id, TaskKind.PLAN_REQUEST, f"{plan} is agreed.")
        _write(plan, AcknowledgementKind.PLAN_AGREED, f"plan_agreed:{plan.pk}", _schedule(plan))
    return plan


def _schedule(plan: PaymentPlan) -> dict[str, Any]:
    rows = plan.instalments.all()
    return {
        "amount": plan.total_amount,
        "first_on": rows[0].due_on,
        "last_on": rows[len(rows) - 1].due_on,
        "lines": [AnswerLine(day(row.due_on), row.amount) for row in rows],
    }


@transaction.atomic
def pay_off(plan_id: int, *, actor: Actor) -> None:
    """Close a plan whose payoff amount came, now instead of with the next tick."""
    judged = pay_off_plan(plan_id, actor=actor)
    if judged is not None:
        _settle(judged)


# --- the tick ---------------------------------------------------------------------------------------------------------


def judge_plans(today: date) -> dict[str, int]:
    """Judge every plan in force, and tell clients what falls due and what is missing. Returns verdict -> how many.

    A plan that cannot be judged is logged and holds back no other; a day on which nothing ran is caught up.
    """
    counts: dict[str, int] = {}
    for plan_id in list(
        PaymentPlan.objects.filter(status=PlanStatus.ACTIVE).order_by("pk").values_list("pk", flat=True)
    ):
        try:
            verdict = judge_one(plan_id, today)
        except Exception:  # whatever it is: the other clients are told today
            log.exception("Plan %s could not be judged", plan_id)
            continue
        if verdict:
            counts[verdict] = counts.get(verdict, 0) + 1
    return counts


@transaction.atomic
def judge_one(plan_id: int, today: date) -> str:
    """The verdict; empty when the plan is not in force."""
    judged = judge_plan(plan_id, today)
    if judged is None:
        return ""
    plan, found = judged.plan, judged.standing
    if found.verdict is Verdict.BROKEN:
        _say_broken(plan, found, today)
    elif found.verdict is Verdict.MISSED:
        _say_missed(judged, today)
    else:
        _settle(judged)
        _say_due(plan, found, today)
    return found.verdict.value


def _settle(judged: Judged) -> None:
    if judged.standing.verdict in (Verdict.KEPT, Verdict.IN_STANDING):
        settle_task(judged.plan.client_id, TaskKind.MISSED_INSTALMENT, "Paid since.")


def _say_due(plan: PaymentPlan, found: PlanStanding, today: date) -> None:
    """Once per instalment, some days before; not right after the plan itself was confirmed."""
    coming = found.next
    if coming is None or not coming.due_on - DAYS_BEFORE <= today <= coming.due_on:
        return
    if plan.agreed_on >= coming.due_on - DAYS_BEFORE or not _may_hear(plan.client, today):
        return
    facts = {"amount": coming.missing, "promised_on": coming.due_on, "left": found.left}
    _write(plan, AcknowledgementKind.INSTALMENT_DUE, f"instalment_due:{plan.pk}:{coming.due_on}", facts)


def _say_missed(judged: Judged, today: date) -> None:
    """Once per instalment, and only on a day on which the client hears nothing else: else on the next."""
    plan, found, untold = judged.plan, judged.standing, judged.untold
    if not untold or was_contacted_on(plan.client_id, today):
        return
    missing = _money(plan, found.due_now)
    text = f"Plan {plan.pk}: {missing} missing since {day(untold[0].due_on)}"
    make_task(plan.client_id, TaskKind.MISSED_INSTALMENT, due_on=today, text=text)
    note_told([one.pk for one in untold], today)
    if _may_hear(plan.client, today):
        # As it stands after this telling, so that the mail names the last day.
        grace = grace_of(plan).until(Planned(untold[0].due_on, untold[0].amount, today))
        facts = {"amount": found.due_now, "first_on": untold[0].due_on, "promised_on": grace, "left": found.left}
        key = f"instalment_missed:{plan.pk}:{untold[0].position}:{today}"
        _write(plan, AcknowledgementKind.INSTALMENT_MISSED, key, facts)


def _say_broken(plan: PaymentPlan, found: PlanStanding, today: date) -> None:
    text = (
        f"Plan {plan.pk} broken: {_money(plan, found.left)} is due by its own dates again. Call, or agree another plan."
    )
    settle_task(plan.client_id, TaskKind.MISSED_INSTALMENT, "The plan is broken.")
    make_task(plan.client_id, TaskKind.PLAN_BROKEN, due_on=today, text=text)
    if _may_hear(plan.client, today):
        facts = {"amount": found.left, "first_on": plan.agreed_on}
        _write(plan, AcknowledgementKind.PLAN_BROKEN, f"plan_broken:{plan.pk}", facts)


def _may_hear(client: Client, today: date) -> bool:
    """A block on the whole client silences these mails too; the tasks are for us."""
    return not is_silenced(client.pk, today)


def _money(plan: PaymentPlan, amount: Any) -> str:
    return f"{plain(amount, plan.currency)} {plan.currency}"


def _write(plan: PaymentPlan, kind: AcknowledgementKind, key: str, facts: dict[str, Any]) -> None:
    told = {"currency": plan.currency, "reference": str(plan), **facts}
    write_answer(plan.client, kind, key, None, told)


# --- deferrals --------------------------------------------------------------------------------------------------------


@transaction.atomic
def defer_invoice(invoice_id: int, new: NewDeferral, *, actor: Actor) -> Deferral:
    """As the ledger's, confirmed by mail."""
    row = deferrals.defer_invoice(invoice_id, new, actor=actor)
    invoice = row.invoice
    facts = {
        "amount": invoice.open_amount,
        "currency": invoice.currency,
        "reference": str(invoice),
        "promised_on": row.new_due_on,
        "first_on": row.old_due_on,
    }
    kind = AcknowledgementKind.DEFERRAL_AGREED
    write_answer(invoice.client, kind, f"deferral_agreed:{row.pk}", None, facts)
    return row
