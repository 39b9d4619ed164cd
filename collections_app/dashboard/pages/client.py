"""The client page: what he owes, what was said, what comes next."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate

from collections_app.formats import money
from collections_app.permissions import needs
from invoices.models import Client, Note, PaymentPlan
from invoices.queries.clients import balances_of, credit_of, item_counts, open_items_of, paid_late_by
from invoices.queries.plans import plan_standings, plans_of
from invoices.rules.ageing import AgedBalance, days_past_due
from invoices.rules.plans import PlanStanding
from reminders.links import portal_url
from reminders.queries.standing import ItemStanding, blocks_in_force, item_standings
from reminders.queries.strip import level_strip
from reminders.services.explaining import explain_client
from reminders.services.welcome import is_new

from ..access import client_for_staff
from ..charts import Chart, Part, stacked_bar
from ..forms.clients import NoteForm
from .client_timeline import moments
from .credit import credit_context

BUCKET_LABELS = {
    "current": "Not due",
    "1-30": "1–30 days",
    "31-60": "31–60 days",
    "61-90": "61–90 days",
    "90+": "Over 90 days",
}
ITEMS_SHOWN = 200
GROUP_SHOWN = 20


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    return render(request, "dashboard/client/page.html", {"note_form": NoteForm(), **client_context(client, request)})


def client_context(client: Client, request: HttpRequest) -> dict[str, Any]:
    """Everything that the client page shows."""
    today = localdate()
    items = list(open_items_of(client.pk))
    balances = balances_of(items, credit_of(client.pk), today)
    standings = item_standings(client.pk)
    blocks = blocks_in_force(client.pk, today)
    explanation = explain_client(client.pk, today)
    return {
        "client": client,
        "today": today,
        "badges": badges(client, blocks, standings),
        "bars": [money_bar(client, currency, balance) for currency, balance in balances.items()],
        "items": [item_row(item, standings, today) for item in items[:ITEMS_SHOWN]],
        "more_items": max(len(items) - ITEMS_SHOWN, 0),
        "counts": item_counts(client.pk),
        "median_days": paid_late_by(client.pk),
        "contacts": client.contacts.order_by("-is_active", "-is_primary", "name", "pk"),
        "pinned": Note.objects.filter(client=client, is_pinned=True).select_related("written_by").order_by("-pk"),
        "blocks": blocks,
        "plans": client_plans(client, today),
        "explanation": explanation,
        "strip": level_strip(client.pk, explanation.procedure, explanation.plan, today),
        "portal_link": portal_link(client),
        "group": list(client.group.order_by("name", "pk")[:GROUP_SHOWN]),
        "is_new_client": is_new(client),
        **credit_context(client),
        **moments(client, request),
    }


def portal_link(client: Client) -> str:
    """What the primary contact would open; empty without a contact."""
    contact = client.contacts.filter(is_active=True).order_by("-is_primary", "pk").first()
    return portal_url(contact) if contact else ""


def client_plans(client: Client, today: date) -> list[tuple[PaymentPlan, PlanStanding]]:
    """Plans in force or waiting for approval, with how they stand; no query more where there is none."""
    plans = plans_of(client.pk)
    found = plan_standings(plans, today) if plans else {}
    return [(plan, found[plan.pk]) for plan in plans]


def badges(client: Client, blocks: list[Any], standings: dict[int, ItemStanding]) -> list[tuple[str, str]]:
    found = [(block.get_reason_display(), "warn") for block in blocks]
    if any(standing.dispute for standing in standings.values()):
        found.append(("Dispute", "bad"))
    if any(standing.promised_on for standing in standings.values()):
        found.append(("Promised", "warn"))
    if any(standing.plan_id for standing in standings.values()):
        found.append(("Payment plan", "info"))
    if client.is_credit_hold:
        found.append(("Credit hold", "bad"))
    if not client.is_active:
        found.append(("Inactive", "quiet"))
    return found


def money_bar(client: Client, currency: str, balance: AgedBalance) -> dict[str, Any]:
    """One currency as a bar by bucket; each part opens the invoices it is made of."""
    parts = [
        Part(BUCKET_LABELS[name], one.amount, money(one.amount, currency), f"b{n}", items_url(client, currency, name))
        for n, (name, one) in enumerate(balance.buckets.items())
        if one.items
    ]
    if balance.credit:
        query = urlencode({"q": client.code, "currency": currency, "status": "unapplied"})
        url = f"{reverse('dashboard:receipts')}?{query}"
        parts.append(Part("On account", balance.credit, money(balance.credit, currency), "b5", url))
    chart: Chart = stacked_bar(f"{currency} by age", parts)
    return {"currency": currency, "balance": balance, "chart": chart}


def items_url(client: Client, currency: str, bucket: str) -> str:
    query = {"client": client.code, "currency": currency, "status": "open", "bucket": bucket}
    return f"{reverse('dashboard:invoices')}?{urlencode(query)}"


def item_row(item: Any, standings: dict[int, ItemStanding], today: date) -> dict[str, Any]:
    standing = standings.get(item.pk, ItemStanding())
    part_paid: Decimal = item.total_amount - item.open_amount
    return {
        "invoice": item,
        "days": days_past_due(item.due_on, today),
        "promised_on": standing.promised_on,
        "dispute": standing.dispute,
        "plan_id": standing.plan_id,
        "is_part_paid": part_paid > 0,
    }


urls = [
    path("clients/<int:pk>/", page, name="client"),
]
