"""The statement of account of a client: both layouts, any period, as page, PDF, CSV and mail."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from collections_app.statements import COLUMNS, LINES_SHOWN, csv_rows
from invoices.models import Client
from invoices.queries.statements import account_statement
from invoices.rules.ageing import BUCKETS
from invoices.rules.statement import StatementKind
from invoices.services.statements import statement_name, statement_pdf
from reminders.errors import DunningError
from reminders.services.statements import preview_statement, send_statement

from ..access import client_for_staff
from ..exports import csv_answer
from ..forms.statements import StatementForm
from ..said import done, refused
from .client import BUCKET_LABELS


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponseBase:
    client = client_for_staff(pk)
    form = StatementForm(request.GET, today=localdate(), usual=client.statement_layout)
    found = account_statement(client, form.chosen)
    if request.GET.get("export") == "csv":
        return csv_answer(statement_name(found), COLUMNS, csv_rows(found, form.kind))
    if request.GET.get("export") == "pdf":
        return pdf_answer(statement_pdf(found, form.kind), statement_name(found))
    context = {
        "client": client,
        "form": form,
        "found": found,
        "parts": shown_parts(found.currencies),
        "is_open_item": form.kind is StatementKind.OPEN_ITEM,
        "mail": preview_statement(found, form.kind),
        "shown": LINES_SHOWN,
        **addresses(client, form),
    }
    return render(request, "dashboard/client/statement.html", context)


def shown_parts(currencies: Any) -> list[dict[str, Any]]:
    """One currency each, with the lines that fit a page and the buckets in words."""
    return [
        {
            "account": one,
            "items": one.open_items[:LINES_SHOWN],
            "rows": one.movements.rows[:LINES_SHOWN],
            "buckets": [(BUCKET_LABELS[name], one.ageing.buckets[name].amount) for name in BUCKETS],
        }
        for one in currencies
    ]


def addresses(client: Client, form: StatementForm) -> dict[str, Any]:
    """The presets, the two layouts and the files, each as an address of its own."""
    base = reverse("dashboard:statement", args=[client.pk])

    def url(**more: str) -> str:
        return f"{base}?{urlencode({**form.query, **more})}"

    kind = form.kind.value
    return {
        "tabs": [
            {"label": one.label, "url": url(layout=one.value), "is_current": one is form.kind} for one in StatementKind
        ],
        "preset_links": [
            (label, f"{base}?{urlencode({'period': key, 'layout': kind})}", key == form.key)
            for key, (label, _) in form.presets.items()
        ],
        "pdf_url": url(export="pdf"),
        "csv_url": url(export="csv"),
    }


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return answer


@needs("work")
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send by mail what the page shows: the period and layout stand in the form."""
    client = client_for_staff(pk)
    form = StatementForm(request.POST, today=localdate(), usual=client.statement_layout)
    if form.problems:
        return refused(request, ValueError(" ".join(form.problems)), "dashboard:statement", pk)
    try:
        to = send_statement(client, form.chosen, form.kind, actor=request.user, today=localdate())
    except DunningError as error:
        return refused(request, error, "dashboard:statement", pk)
    done(request, f"The statement leaves within a minute, to {to}.", "dashboard:statement", pk)
    return redirect(f"{reverse('dashboard:statement', args=[pk])}?{urlencode(form.query)}")


urls = [
    path("clients/<int:pk>/statement/", page, name="statement"),
    path("clients/<int:pk>/statement/send/", send, name="statement_send"),
]
