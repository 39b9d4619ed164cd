"""The client's own statement of account: choose a period, look, take it as PDF or CSV. Nothing changes."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from collections_app.dashboard.exports import csv_answer
from collections_app.dashboard.forms.statements import StatementForm
from collections_app.statements import COLUMNS, LINES_SHOWN, csv_rows
from invoices.models import Contact
from invoices.queries.statements import account_statement
from invoices.rules.statement import StatementKind
from invoices.services.statements import statement_name, statement_pdf

from .session import client_page, page


@require_safe
@client_page
def statement(request: HttpRequest, contact: Contact) -> HttpResponseBase:
    form = StatementForm(request.GET, today=localdate(), usual=contact.client.statement_layout)
    found = account_statement(contact.client, form.chosen)
    if request.GET.get("export") == "csv":
        return csv_answer(statement_name(found), COLUMNS, csv_rows(found, form.kind))
    if request.GET.get("export") == "pdf":
        return _pdf(statement_pdf(found, form.kind), statement_name(found))
    context = {
        "form": form,
        "parts": [
            {"account": one, "items": one.open_items[:LINES_SHOWN], "rows": one.movements.rows[:LINES_SHOWN]}
            for one in found.currencies
        ],
        "is_open_item": form.kind is StatementKind.OPEN_ITEM,
        "shown": LINES_SHOWN,
        **_addresses(form),
    }
    return page(request, contact, "statement", context)


def _addresses(form: StatementForm) -> dict[str, Any]:
    base = reverse("portal:statement")

    def url(**more: str) -> str:
        return f"{base}?{urlencode({**form.query, **more})}"

    return {
        "preset_links": [
            (label, f"{base}?{urlencode({'period': key, 'layout': form.kind.value})}", key == form.key)
            for key, (label, _) in form.presets.items()
        ],
        "layout_links": [(one.label, url(layout=one.value), one is form.kind) for one in StatementKind],
        "pdf_url": url(export="pdf"),
        "csv_url": url(export="csv"),
    }


def _pdf(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
