"""The ageing report as of any date: per currency, per client, and the items that each figure is made of."""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.dateparse import parse_date
from django.utils.timezone import localdate

from collections_app.formats import money
from collections_app.permissions import needs
from invoices.queries.aged import AgedCurrency, AgedRow, aged_clients, aged_currencies, aged_items
from invoices.queries.clients import client_ids_matching
from invoices.rules.ageing import BUCKETS, days_past_due

from ..access import client_for_staff
from ..charts import Part, stacked_bar
from ..columns import Column
from ..exports import XLSX_LIMIT, csv_answer, xlsx_answer
from .client import BUCKET_LABELS

SHOWN = 200
ITEMS_SHOWN = 500


@needs("view")
def report(request: HttpRequest) -> HttpResponseBase:
    """Per currency with a bar each, and the clients that owe most; the files have all of them."""
    on = asked_day(request)
    currency, text = request.GET.get("currency", "")[:3], request.GET.get("q", "").replace("\0", "").strip()[:200]
    client_ids = client_ids_matching(text) if text else None
    if request.GET.get("export") in ("csv", "xlsx"):
        rows = aged_clients(on, currency=currency, client_ids=client_ids)
        return exported(request, f"ageing-{on.isoformat()}", client_columns(on), rows)
    currencies = aged_currencies(on)
    found = list(aged_clients(on, currency=currency, client_ids=client_ids, limit=SHOWN + 1))
    context = {
        "on": on,
        "currency": currency,
        "q": text,
        "labels": [BUCKET_LABELS[name] for name in BUCKETS],
        "currencies": [shown_currency(one, on) for one in currencies],
        "choices": [one.currency for one in currencies],
        "rows": [shown_client(row, on) for row in found[:SHOWN]],
        "has_more": len(found) > SHOWN,
        "shown": SHOWN,
        "is_today": on == localdate(),
        "csv_url": address(request, export="csv"),
        "xlsx_url": address(request, export="xlsx"),
    }
    return render(request, "dashboard/ageing/report.html", context)


@needs("view")
def items(request: HttpRequest) -> HttpResponseBase:
    """The open items behind one figure of the report."""
    on, currency = asked_day(request), request.GET.get("currency", "")[:3]
    bucket = request.GET.get("bucket", "") if request.GET.get("bucket", "") in BUCKETS else ""
    raw = request.GET.get("client", "")
    client = client_for_staff(int(raw)) if raw.isdecimal() and len(raw) < 19 else None
    rows = aged_items(on, currency=currency, bucket=bucket, client_id=client.pk if client else None)
    if request.GET.get("export") in ("csv", "xlsx"):
        return exported(request, f"open-items-{on.isoformat()}", item_columns(on), rows)
    found = list(islice(rows, ITEMS_SHOWN + 1))
    context = {
        "on": on,
        "currency": currency,
        "client": client,
        "label": BUCKET_LABELS[bucket] if bucket else "All ages",
        "rows": [(row, days_past_due(row.due_on, on)) for row in found[:ITEMS_SHOWN]],
        "has_more": len(found) > ITEMS_SHOWN,
        "back_url": f"{reverse('dashboard:ageing')}?{urlencode({'on': on.isoformat()})}",
        "csv_url": address(request, export="csv"),
        "xlsx_url": address(request, export="xlsx"),
    }
    return render(request, "dashboard/ageing/items.html", context)


def asked_day(request: HttpRequest) -> date:
    """`on` of the address; today without one, or with one that is no date."""
    raw = request.GET.get("on", "")
    if not raw:
        return localdate()
    try:
        found = parse_date(raw)
    except ValueError:
        found = None
    # A year before 1000 cannot be an open item's, and breaks the arithmetic of the oldest bucket.
    if found is None or found.year < 1000:
        messages.warning(request, f"“{raw[:20]}” is not a date such as 2026-11-22, so the report is as of today.")
        return localdate()
    return found


def shown_currency(one: AgedCurrency, on: date) -> dict[str, Any]:
    parts = [
        Part(
            BUCKET_LABELS[name], amount, money(amount, one.currency), f"b{n}", items_url(on, one.currency, bucket=name)
        )
        for n, (name, amount) in enumerate(zip(BUCKETS, one.buckets, strict=True))
        if one.counts[n]
    ]
    return {
        "one": one,
        "chart": stacked_bar(f"{one.currency} by age", parts),
        "url": items_url(on, one.currency),
    }


def shown_client(row: AgedRow, on: date) -> dict[str, Any]:
    buckets = [
        (amount, items_url(on, row.currency, bucket=name, client=row.client_id))
        for name, amount in zip(BUCKETS, row.buckets, strict=True)
    ]
    url = items_url(on, row.currency, client=row.client_id)
    return {"row": row, "buckets": buckets, "url": url, "oldest": days_past_due(row.oldest_due_on, on)}


def items_url(on: date, currency: str, **more: Any) -> str:
    return f"{reverse('dashboard:ageing_items')}?{urlencode({'on': on.isoformat(), 'currency': currency, **more})}"


def address(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"{request.path}?{query.urlencode()}"


def client_columns(on: date) -> list[Column]:
    def amount(n: int) -> Any:
        return lambda row: row.buckets[n]

    return [
        Column("code", "Code"),
        Column("name", "Client"),
        Column("open_items", "Open items", "number"),
        Column("open_amount", "Open", "money"),
        Column("overdue_amount", "Overdue", "money"),
        *(Column(amount(n), name, "money") for n, name in enumerate(BUCKETS)),
        Column("credit", "On account", "money"),
        Column(lambda row: days_past_due(row.oldest_due_on, on), "Oldest days past due", "number"),
    ]


def item_columns(on: date) -> list[Column]:
    return [
        Column("number", "Invoice"),
        Column("client", "Client"),
        Column("issued_on", "Issued", "date"),
        Column("due_on", "Due", "date"),
        Column(lambda row: days_past_due(row.due_on, on), "Days past due", "number"),
        Column("total_amount", "Total", "money"),
        Column("open_amount", "Open", "money"),
    ]


def exported(request: HttpRequest, name: str, columns: list[Column], rows: Any) -> HttpResponseBase:
    if request.GET["export"] == "csv":
        return csv_answer(name, columns, rows)
    kept = list(islice(rows, XLSX_LIMIT + 1))
    if len(kept) > XLSX_LIMIT:
        messages.error(request, f"An XLSX file takes at most {XLSX_LIMIT:,} rows. Narrow the report, or take the CSV.")
        return redirect(request.path)
    return xlsx_answer(name, columns, kept)


urls = [
    path("ageing/", report, name="ageing"),
    path("ageing/items/", items, name="ageing_items"),
]
