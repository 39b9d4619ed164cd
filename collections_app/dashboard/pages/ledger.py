"""The general ledger of a period: control totals per currency, the entries, and both as files."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate

from collections_app.ledger_columns import COLUMNS
from collections_app.permissions import needs
from invoices.models import EntryKind
from invoices.queries.general_ledger import control_totals, entries_of
from invoices.services.ledger_export import ledger_rows

from ..forms.statements import PeriodForm
from .ageing import exported

SHOWN = 200


class LedgerForm(PeriodForm):
    default = "last-month"


@needs("view")
def page(request: HttpRequest) -> HttpResponseBase:
    """The period's totals and its first entries; `kind` and `currency` narrow the entries, not the totals."""
    form = LedgerForm(request.GET, today=localdate())
    period = form.chosen
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in EntryKind.values else ""
    currency = request.GET.get("currency", "").replace("\0", "")[:3]
    entries = entries_of(period, kind=kind, currency=currency)
    if request.GET.get("export") in ("csv", "xlsx"):
        name = f"ledger-{period.first_on.isoformat()}-{period.last_on.isoformat()}"
        return exported(request, name, COLUMNS, ledger_rows(entries))
    query = {"first_on": period.first_on.isoformat(), "last_on": period.last_on.isoformat()}
    base = reverse("dashboard:ledger")
    found = list(ledger_rows(entries[: SHOWN + 1]))
    context = {
        "form": form,
        "totals": [shown_totals(one, f"{base}?{urlencode(query)}") for one in control_totals(period)],
        "rows": found[:SHOWN],
        "has_more": len(found) > SHOWN,
        "shown": SHOWN,
        "kind": kind,
        "currency": currency,
        "kinds": EntryKind.choices,
        "preset_links": [
            (label, f"{base}?{urlencode({'period': key})}", key == form.key) for key, (label, _) in form.presets.items()
        ],
        "csv_url": f"{base}?{urlencode({**query, 'kind': kind, 'currency': currency, 'export': 'csv'})}",
        "xlsx_url": f"{base}?{urlencode({**query, 'kind': kind, 'currency': currency, 'export': 'xlsx'})}",
    }
    return render(request, "dashboard/ledger/page.html", context)


def shown_totals(one: Any, base: str) -> dict[str, Any]:
    """One currency; each kind opens the entries that it is made of."""
    kinds = [(kind, f"{base}&{urlencode({'kind': kind.kind.value, 'currency': one.currency})}") for kind in one.kinds]
    return {"one": one, "kinds": kinds}


urls = [path("ledger/", page, name="ledger")]
