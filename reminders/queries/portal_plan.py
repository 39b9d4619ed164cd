"""What a client may put into a payment plan by himself, and what it would come to. Reads only."""

from __future__ import annotations

from datetime import date, timedelta

from invoices.models import Client, PaymentPlan, PlanStatus
from invoices.queries.plan_terms import NewPlan, Terms, plan_terms
from invoices.rules.plan_terms import Who

from .portal import PortalItem, open_items

LOOK_BACK = timedelta(days=365)


def plannable(client: Client, today: date) -> list[PortalItem]:
    """Open items that nothing else is said about: not contested, in no plan, and not on their way to us."""
    return [
        item
        for item in open_items(client, today)
        if item.standing.dispute is None and item.standing.plan_id is None and not item.is_on_its_way
    ]


def client_terms(client: Client, new: NewPlan, today: date) -> Terms:
    """As the ledger's limits for clients; who broke a plan within the year agrees the next one with a person.

    Raises LedgerError with the sentence for the client.
    """
    terms = plan_terms(client, new, who=Who.CLIENT)
    broken = PaymentPlan.objects.filter(client=client, status=PlanStatus.BROKEN, ended_on__gte=today - LOOK_BACK)
    if broken.exists():
        terms.beyond.append("An earlier plan was not kept, so we talk about this one.")
    return terms
