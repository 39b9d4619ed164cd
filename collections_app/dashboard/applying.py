"""Allocating what a receipt or credit note has on account, as typed in its table: one view for both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate

from collections_app.formats import money
from invoices.errors import LedgerError
from invoices.queries.payables import Allocatable
from invoices.rules.ageing import days_past_due

from .forms.shares import Shares
from .said import done, refused


def table(given: Allocatable, data: Any, client: str) -> dict[str, Any]:
    """The variables of `dashboard/receipt/_shares.html`."""
    today = localdate()
    return {
        "shares": Shares(given, data or {}, client),
        "late": {item.invoice_id: days_past_due(item.due_on, today) for item in given.items},
    }


class Applying(NamedTuple):
    """A page with such a table: its template, its address, and the service that allocates."""

    template: str
    url: str
    allocate: Callable[..., object]


def apply(request: HttpRequest, page: Applying, pk: int, context: dict[str, Any]) -> HttpResponse:
    """`context` was made with what is typed. A change is previewed; a submit allocates, all or nothing."""
    shares: Shares = context["shares"]
    if "preview" in request.POST or request.htmx:
        return render(request, "dashboard/receipt/_shares.html", context)
    if shares.policy:
        return render(request, page.template, context)
    if not shares.is_valid():
        return render(request, page.template, context, status=422)
    if not shares.values:
        return redirect(page.url, pk)
    try:
        page.allocate(pk, shares.values, actor=request.user)
    except LedgerError as error:
        return refused(request, error, page.url, pk)
    return done(request, f"{money(shares.used, shares.currency)} allocated.", page.url, pk)
