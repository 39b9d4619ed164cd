"""The confirmation of a payment plan as PDF, with lines to sign on. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator

from ..composing_plan import PlanFacts, PlanItemFacts, PlanRow, plan_html
from ..gateways.pdf import render_pdf
from ..models import PaymentPlan, PlanItem, PlanStatus
from ..queries.organisation import organisation
from ..queries.plans import items_of
from ..rules.references import client_reference, in_fours


def plan_pdf(plan: PaymentPlan) -> bytes:
    """The schedule as agreed; a plan that is not in force says so."""
    return render_pdf(plan_html(plan_facts(plan)))


def plan_name(plan: PaymentPlan) -> str:
    return f"payment-plan-{plan.pk}"


def plan_facts(plan: PaymentPlan) -> PlanFacts:
    client, us = plan.client, organisation()
    contact = client.contacts.filter(is_active=True).order_by("-is_primary", "pk").first()
    manager = client.account_manager
    return PlanFacts(
        sender=us,
        client_name=client.legal_name or client.name,
        client_address=client.address,
        first_name=contact.first_name if contact else "",
        language=client.language,
        number=str(plan.pk),
        state="" if plan.status in (PlanStatus.ACTIVE, PlanStatus.KEPT) else plan.get_status_display(),
        agreed_on=plan.agreed_on,
        agreed_by=plan.agreed_by,
        currency=plan.currency,
        total=plan.total_amount,
        rows=list(_rows(plan)),
        items=[_item(item) for item in items_of(plan)],
        grace_days=plan.grace_days,
        payoff_percent=plan.payoff_percent,
        payoff_until=plan.payoff_until,
        iban=in_fours(us.iban.replace(" ", "")),
        transfer_reference=in_fours(client_reference(client.pk)),
        manager_name=manager.full_name if manager else "",
    )


def _rows(plan: PaymentPlan) -> Iterator[PlanRow]:
    left = plan.total_amount
    for one in plan.instalments.all():
        left -= one.amount
        yield PlanRow(f"Instalment {one.position}" if one.position else "Down payment", one.due_on, one.amount, left)


def _item(item: PlanItem) -> PlanItemFacts:
    invoice = item.invoice
    return PlanItemFacts(invoice.number or "Fee of this plan", invoice.issued_on, invoice.due_on, item.amount)
