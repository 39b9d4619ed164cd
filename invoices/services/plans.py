"""Payment plans: agreed, approved above the limits, changed by another plan, cancelled. How they go: `plan_judging`.

A plan is agreed over open items in one currency. Its fee, and interest for the time it runs, are a late-charge
document of their own, drafted with the plan and issued when it comes into force; like the others it is an item.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import LedgerError
from ..models import Client, Instalment, Invoice, InvoiceKind, InvoiceStatus, PaymentPlan, PlanItem, PlanStatus
from ..queries.plan_terms import NewPlan, Terms, day_words, plan_terms
from ..rules.money import plain
from ..rules.plan_terms import Who
from .approving import require_second_person
from .audit import Actor, record, user_or_none
from .issuing import NewInvoice, NewLine, change_draft, draft_invoice, issue_invoice, void_invoice
from .ledger import lock_client, wake


@transaction.atomic
def agree_plan(client_id: int, new: NewPlan, *, actor: Actor, who: Who = Who.STAFF) -> PaymentPlan:
    """In force at once within the limits; above them what staff agree waits for a second person.

    A client may agree alone within the limits only. Raises LedgerError, InvalidAmount; nothing is written then.
    """
    client = lock_client(client_id)
    return _agree(client, new, None, actor=actor, who=who)


@transaction.atomic
def change_plan(plan_id: int, new: NewPlan, *, actor: Actor) -> PaymentPlan:
    """Another plan takes this one's place, at once or when it is approved; until then this one stands."""
    client, plan = locked_plan(plan_id)
    require_active(plan)
    if PaymentPlan.objects.filter(replaces=plan).exists():
        raise LedgerError(f"A change of plan {plan.pk} waits for approval already. Have it decided first.")
    return _agree(client, new, plan, actor=actor, who=Who.STAFF)


def _agree(client: Client, new: NewPlan, replaces: PaymentPlan | None, *, actor: Actor, who: Who) -> PaymentPlan:
    terms = plan_terms(client, new, who=who, replaces=replaces)
    if who is Who.CLIENT and terms.beyond:
        raise LedgerError(" ".join([*terms.beyond, "Please ask us, and we look at it."]))
    plan = _write(client, new, terms, replaces, actor)
    if terms.beyond:
        text = f"{_words(plan)} proposed; a second person decides. {' '.join(terms.beyond)}"
        record("plan_proposed", plan, actor=actor, client_id=client.pk, text=text)
        return plan
    return _activate(client, plan, actor=actor)


def _write(client: Client, new: NewPlan, terms: Terms, replaces: PaymentPlan | None, actor: Actor) -> PaymentPlan:
    plan = PaymentPlan.objects.create(
        client=client,
        currency=terms.currency,
        total_amount=terms.total,
        frequency=new.wanted.frequency.value,
        first_on=terms.schedule.instalments[0].due_on,
        grace_days=new.grace_days,
        payoff_percent=new.payoff_percent,
        payoff_until=new.payoff_until,
        agreed_on=localdate(),
        agreed_by=new.agreed_by,
        how=new.how,
        note=new.note,
        replaces=replaces,
        asked_by=user_or_none(actor),
    )
    Instalment.objects.bulk_create(
        Instalment(plan=plan, position=position, due_on=one.due_on, amount=one.amount)
        for position, one in terms.schedule.positions
    )
    items = [(item, item.open_amount) for item in terms.items]
    if new.fee + new.interest:
        items.append((_draft_fee(client, new, terms, plan, actor), new.fee + new.interest))
    # The items of a plan that is to take another's place are live in that one until then.
    is_live = replaces is None
    PlanItem.objects.bulk_create(
        PlanItem(plan=plan, invoice=invoice, amount=amount, is_live=is_live) for invoice, amount in items
    )
    return plan


def _draft_fee(client: Client, new: NewPlan, terms: Terms, plan: PaymentPlan, actor: Actor) -> Invoice:
    named = (("Fee for payment plan", new.fee), ("Interest for the time of payment plan", new.interest))
    lines = [NewLine(f"{name} {plan.pk}", Decimal(1), amount) for name, amount in named if amount]
    return draft_invoice(client, _fee_document(terms.currency, terms.schedule.last_on), lines, actor=actor)


def _fee_document(currency: str, due_on: date) -> NewInvoice:
    return NewInvoice(currency, localdate(), due_on, kind=InvoiceKind.CHARGE)


@transaction.atomic
def decide_plan(plan_id: int, *, is_approved: bool, actor: Actor, reason: str = "") -> PaymentPlan:
    """Approve, by somebody else than who asked, or refuse (who asked may take it back so)."""
    client, plan = locked_plan(plan_id)
    if plan.status != PlanStatus.PROPOSED:
        raise LedgerError(f"Plan {plan.pk} is {plan.get_status_display().lower()} already.")
    if not is_approved:
        return _refuse(client, plan, reason, actor=actor)
    require_second_person(plan.asked_by, actor, "payment plan")
    if plan.first_on < localdate():
        raise LedgerError(
            f"The first instalment fell due on {day_words(plan.first_on)}, before today. "
            "Refuse this plan and agree new dates."
        )
    if plan.replaces:
        require_active(plan.replaces)
    return _activate(client, plan, actor=actor)


def _activate(client: Client, plan: PaymentPlan, *, actor: Actor) -> PaymentPlan:
    if plan.replaces:
        end_plan(plan.replaces, PlanStatus.REPLACED)
        text = f"Plan {plan.replaces.pk} replaced by plan {plan.pk}"
        record("plan_replaced", plan.replaces, actor=actor, client_id=client.pk, text=text)
        _require_free(plan)
        PlanItem.objects.filter(plan=plan).update(is_live=True)
    for draft in Invoice.objects.filter(plan_items__plan=plan, status=InvoiceStatus.DRAFT):
        if draft.issued_on != localdate():  # it was proposed on another day
            lines = [NewLine(line.description, line.quantity, line.unit_price) for line in draft.lines.all()]
            change_draft(draft.pk, _fee_document(plan.currency, draft.due_on), lines, actor=actor)
        issue_invoice(draft.pk, actor=actor)
    decided = {"status": PlanStatus.ACTIVE, "decided_by": user_or_none(actor), "agreed_on": localdate()}
    PaymentPlan.objects.filter(pk=plan.pk).update(**decided)
    plan.refresh_from_db()
    wake([client.pk], localdate())
    record("plan_agreed", plan, actor=actor, client_id=client.pk, text=f"{_words(plan)} agreed")
    return plan


def _require_free(plan: PaymentPlan) -> None:
    taken = PlanItem.objects.filter(is_live=True, invoice__plan_items__plan=plan).exclude(plan=plan)
    if item := taken.select_related("invoice").first():
        raise LedgerError(
            f"Invoice {item.invoice} is in plan {item.plan_id} by now. Refuse this one, and agree afresh."
        )


def _refuse(client: Client, plan: PaymentPlan, reason: str, *, actor: Actor) -> PaymentPlan:
    for draft in Invoice.objects.filter(plan_items__plan=plan, status=InvoiceStatus.DRAFT):
        void_invoice(draft.pk, reason=f"plan {plan.pk} refused", actor=actor)
    # Free for another change of the plan that this one was to replace; the audit event says which it was.
    PaymentPlan.objects.filter(pk=plan.pk).update(replaces=None, decided_by=user_or_none(actor))
    end_plan(plan, PlanStatus.REFUSED)
    text = f"{_words(plan)} refused" + (f": {reason}" if reason else "")
    after = {"replaces": plan.replaces_id} if plan.replaces_id else {}
    record("plan_refused", plan, actor=actor, client_id=client.pk, text=text, after=after)
    plan.refresh_from_db()
    return plan


@transaction.atomic
def cancel_plan(plan_id: int, *, reason: str, actor: Actor) -> PaymentPlan:
    """End a plan in force: what is open is due by its own dates again, and is chased where it stood."""
    client, plan = locked_plan(plan_id)
    require_active(plan)
    for waiting in PaymentPlan.objects.filter(replaces=plan, status=PlanStatus.PROPOSED):
        _refuse(client, waiting, f"plan {plan.pk} was cancelled", actor=actor)
    end_plan(plan, PlanStatus.CANCELLED)
    wake([client.pk], localdate())
    record("plan_cancelled", plan, actor=actor, client_id=client.pk, text=f"{_words(plan)} cancelled: {reason}")
    plan.refresh_from_db()
    return plan


def end_plan(plan: PaymentPlan, status: PlanStatus, on: date | None = None) -> None:
    """Its items are free for another plan; the rows stay. The caller holds the client's lock."""
    PlanItem.objects.filter(plan=plan).update(is_live=False)
    PaymentPlan.objects.filter(pk=plan.pk).update(status=status, ended_on=on or localdate())


def locked_plan(plan_id: int) -> tuple[Client, PaymentPlan]:
    client = lock_client(PaymentPlan.objects.values_list("client_id", flat=True).get(pk=plan_id))
    return client, PaymentPlan.objects.select_related("client", "asked_by", "replaces").get(pk=plan_id)


def require_active(plan: PaymentPlan) -> None:
    if plan.status != PlanStatus.ACTIVE:
        raise LedgerError(f"Plan {plan.pk} is {plan.get_status_display().lower()}, so there is nothing to change.")


def _words(plan: PaymentPlan) -> str:
    """Plan 12 over 900.00 EUR in 3 instalments from 3 June 2026."""
    number = plan.instalments.count()
    amount = f"{plain(plan.total_amount, plan.currency)} {plan.currency}"
    parts = f"{number} instalment{'' if number == 1 else 's'}"
    return f"Plan {plan.pk} over {amount} in {parts} from {day_words(plan.first_on)}"
