"""Home: the figures of the day, what waits for a person, what left and what comes next."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate, now

from collections_app.formats import money
from collections_app.permissions import needs
from invoices.rules.ageing import BUCKETS, days_past_due
from reminders.queries.home import (
    CurrencyFigures,
    currency_figures,
    left_today,
    ready_to_go,
    reviews_ahead,
    top_overdue,
)
from reminders.queries.queues import CAP, waiting_counts
from reminders.services.explaining import Explanation, explain_clients

from ..charts import Part, stacked_bar
from .client import BUCKET_LABELS

# The grouped passes over a million items take about a second; the page says how old its figures are.
KEPT_SECONDS = 60
# (key, queue, label, icon, tone while something waits, page, query)
TILES = (
    ("1", "to_approve", "Approvals", "clipboard-check", "warn", "approvals", ""),
    ("2", "calls", "Calls", "phone", "warn", "calls", ""),
    ("3", "letters", "Letters", "printer", "warn", "letters", ""),
    ("4", "broken", "Broken promises", "handshake", "bad", "worklist", "kind=broken_promise"),
    ("5", "disputes", "Disputes", "scale", "warn", "disputes", ""),
    ("6", "notices", "Failed or unknown", "triangle-alert", "bad", "notices", "status=trouble"),
    ("7", "worklist", "Tasks", "list-checks", "warn", "worklist", ""),
    ("8", "receipts", "On account", "banknote", "warn", "receipts", "status=unapplied"),
    ("9", "promises", "Promises due", "calendar-check", "", "promises", "state=due"),
    ("0", "recurring", "Held-up recurring", "repeat", "bad", "recurring_list", "status=held_up"),
)


@needs("view")
def home(request: HttpRequest) -> HttpResponse:
    today = localdate()
    figures = cache.get_or_set(f"home:{today}", lambda: figures_of_the_day(today), KEPT_SECONDS)
    counts = waiting_counts(today)
    context = {
        **figures,
        "today": today,
        "tiles": [tile(counts, *one) for one in TILES],
        "nav_counts": counts,
        "currencies": [currency_panel(one, today) for one in figures["figures"]],
        "top": top_clients(request, figures, today),
    }
    return render(request, "dashboard/home/page.html", context)


def figures_of_the_day(today: date) -> dict[str, Any]:
    figures = currency_figures(today)
    return {
        "figures": figures,
        "tops": {one.currency: with_next_step(today, one.currency) for one in figures[:4] if one.overdue_amount},
        "left": left_today(today),
        "ready": ready_to_go(),
        "ahead": reviews_ahead(today),
        "read_at": now(),
    }


def with_next_step(today: date, currency: str) -> list[tuple[Any, str]]:
    """The clients who owe most, each with what the planner says about him today."""
    clients = top_overdue(today, currency)
    explained = {one.client_id: one for one in explain_clients([c.client_id for c in clients], today)}
    return [(client, first_reason(explained[client.client_id])) for client in clients]


def first_reason(one: Explanation) -> str:
    return one.reasons[0] if one.reasons else one.headline


def tile(
    counts: dict[str, int], key: str, queue: str, label: str, icon: str, tone: str, url_name: str, query: str
) -> dict[str, Any]:
    count = counts[queue]
    url = reverse(f"dashboard:{url_name}") + (f"?{query}" if query else "")
    value = f"{count:,}" if count < CAP else f"{CAP:,}+"
    return {"key": key, "label": label, "icon": icon, "value": value, "tone": tone if count else "", "url": url}


def invoices_url(currency: str, **query: str) -> str:
    return f"{reverse('dashboard:invoices')}?{urlencode({**query, 'currency': currency})}"


def currency_panel(one: CurrencyFigures, today: date) -> dict[str, Any]:
    """The four figures of a currency, each with its list, and the bar by age."""
    code = one.currency
    receipts = reverse("dashboard:receipts")
    month = urlencode({"currency": code, "from": today.replace(day=1), "to": today})
    parts = [
        Part(BUCKET_LABELS[name], amount, money(amount, code), f"b{n}", invoices_url(code, status="open", bucket=name))
        for n, (name, amount) in enumerate(zip(BUCKETS, one.buckets, strict=True))
        if amount
    ]
    return {
        "figures": one,
        "share": round(one.overdue_amount / one.open_amount * 100) if one.open_amount else 0,
        "chart": stacked_bar(f"Open items in {code} by age", parts),
        "open_url": invoices_url(code, status="open"),
        "overdue_url": invoices_url(code, status="overdue"),
        "collected_url": f"{receipts}?{month}",
        "on_account_url": f"{receipts}?{urlencode({'status': 'unapplied', 'currency': code})}",
    }


def top_clients(request: HttpRequest, figures: dict[str, Any], today: date) -> dict[str, Any]:
    """The top list of the currency in the address, the first one by default."""
    tops = figures["tops"]
    asked = request.GET.get("currency", "")
    current = asked if asked in tops else next(iter(tops), "")
    tabs = [{"label": code, "url": f"?currency={code}#top", "is_current": code == current} for code in tops]
    rows = [(client, days_past_due(client.oldest_due_on, today), why) for client, why in tops.get(current, ())]
    return {"currency": current, "tabs": tabs if len(tabs) > 1 else [], "rows": rows}


urls = [path("", home, name="home")]
