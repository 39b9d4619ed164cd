"""Paying in parts, as a client agrees it alone within the rules, or asks for it outside of them."""

from __future__ import annotations

from django.db import transaction
from django.utils.timezone import localdate

from invoices.errors import LedgerError
from invoices.models import ClientRequest, Contact, PaymentPlan, RequestKind
from invoices.queries.plan_terms import NewPlan, Terms
from invoices.rules.money import plain
from invoices.rules.plan_terms import Who
from invoices.services.ledger import lock_client

from ..queries.portal_plan import client_terms, plannable
from ..rules.reasons import day
from .plans import agree_plan
from .requests import actor_of, ask


@transaction.atomic
def plan_from_portal(contact: Contact, new: NewPlan) -> PaymentPlan:
    """In force at once, and confirmed by mail. Raises LedgerError outside the rules: then it can be asked for."""
    client = lock_client(contact.client_id)
    _require_plannable(contact, new)
    terms = client_terms(client, new, localdate())
    if terms.beyond:
        raise LedgerError(" ".join([*terms.beyond, "Please ask us, and we look at it."]))
    agreed = new._replace(agreed_by=contact.name or contact.email, how="portal")
    return agree_plan(client.pk, agreed, actor=actor_of(contact), who=Who.CLIENT)


@transaction.atomic
def ask_for_plan(contact: Contact, new: NewPlan, text: str = "") -> ClientRequest:
    """A person decides. Nothing is agreed yet. Raises LedgerError where no plan could come of it, OutsideLimits."""
    client = lock_client(contact.client_id)
    _require_plannable(contact, new)
    terms = client_terms(client, new, localdate())
    data = {
        "invoice_ids": list(new.invoice_ids),
        "parts": new.wanted.parts,
        "frequency": new.wanted.frequency.value,
        "first_on": new.wanted.first_on.isoformat(),
        "beyond": terms.beyond,
        "summary": _summary(terms),
    }
    return ask(contact, RequestKind.PLAN, text, data=data, summary=_summary(terms))


def _require_plannable(contact: Contact, new: NewPlan) -> None:
    free = {item.invoice.pk for item in plannable(contact.client, localdate())}
    if not new.invoice_ids:
        raise LedgerError("Choose at least one invoice.")
    if not set(new.invoice_ids) <= free:
        raise LedgerError("Some of these invoices are paid, contested or in a plan by now. Load the page again.")


def _summary(terms: Terms) -> str:
    """900.00 EUR in 3 instalments from 3 June 2026."""
    rows = terms.schedule.instalments
    parts = f"{len(rows)} instalment{'' if len(rows) == 1 else 's'}"
    return f"{plain(terms.total, terms.currency)} {terms.currency} in {parts} from {day(rows[0].due_on)}"
