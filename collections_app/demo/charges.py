"""Late charges in the demo: of two bad payers at home one has drafts that wait, the other an itemised document."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Q

from invoices.models import Charge, Client, DebtorType
from invoices.services.charge_documents import issue_charge
from invoices.services.clients import change_client
from reminders.services.late_charges import draft_charges

from .clock import clock_at

RULES = (
    {"late_charge_rule": "uk-1998", "is_late_charge_monthly": True},
    {"late_charge_rule": "uk-1998"},
)


def late_charges(today: date, actor: str) -> None:
    """Rules for the two companies at home with most overdue items, and what they cost through the last month."""
    overdue = Count("invoices", filter=Q(invoices__open_amount__gt=0, invoices__due_on__lt=today.replace(day=1)))
    at_home = Client.objects.filter(country="GB", debtor_type=DebtorType.COMPANY, blocks__isnull=True)
    chosen = list(at_home.annotate(overdue=overdue).filter(overdue__gt=0).order_by("-overdue", "pk")[: len(RULES)])
    with clock_at(today, 8, 5):
        for client, rule in zip(chosen, RULES, strict=False):
            change_client(client.pk, rule, actor=actor)
        draft_charges(today)
        monthly = Charge.objects.filter(invoice__client__is_late_charge_monthly=True).order_by("pk").first()
        if monthly:
            issue_charge(monthly.pk, actor=actor, on=today)
