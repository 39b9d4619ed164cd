"""Entering a receipt: what came in, and the items it pays, as one of the policies of allocation suggests or by hand."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.formats import money
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.queries.organisation import organisation
from invoices.queries.payables import allocatable
from invoices.services.receipts import record_receipt

from ..access import client_for_staff
from ..applying import table
from ..forms.receipts import ReceiptForm
from ..forms.shares import Shares
from ..said import done


@needs("work")
def new(request: HttpRequest) -> HttpResponse:
    """Without a table of shares (no script) the money stays on account, and the receipt's page offers the table."""
    if request.method != "POST":
        form = ReceiptForm(initial=initial(request))
        return render(request, "dashboard/receipt/form.html", {"form": form})
    form = ReceiptForm(request.POST)
    context = shares_context(form, request)
    shares: Shares | None = context.get("shares")
    if "suggest" in request.POST:
        return render(request, "dashboard/receipt/form.html", context)
    if form.is_valid() and (shares is None or shares.is_valid()):
        chosen = shares.values if shares and "basis" in request.POST else []
        try:
            receipt = record_receipt(form.cleaned_data["client"], form.values, shares=chosen, actor=request.user)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            return done(request, said(receipt), "dashboard:receipt", receipt.pk)
    return render(request, "dashboard/receipt/form.html", context, status=422)


def initial(request: HttpRequest) -> dict[str, Any]:
    given: dict[str, Any] = {"received_on": localdate(), "currency": organisation().currency}
    if (raw := request.GET.get("client", "")).isdecimal():
        client = client_for_staff(int(raw))
        given |= {"client": client.code, "currency": client.currency}
    return given


def said(receipt: Any) -> str:
    text = f"Receipt of {money(receipt.amount, receipt.currency)} recorded."
    if receipt.unapplied_amount:
        text += f" {money(receipt.unapplied_amount, receipt.currency)} of it is on account."
    return text


@needs("work")
@require_POST
def suggestion(request: HttpRequest) -> HttpResponse:
    """The table of open items for what is typed so far. Writes nothing."""
    context = shares_context(ReceiptForm(request.POST), request)
    return render(request, "dashboard/receipt/_shares.html", {**context, "is_draft": True})


def shares_context(form: ReceiptForm, request: HttpRequest) -> dict[str, Any]:
    """The form, and the shares once client, amount and currency are known."""
    form.is_valid()
    context = {"form": form, "shares_url": reverse("dashboard:receipt_suggestion")}
    client, (amount, currency) = form.cleaned_data.get("client"), form.to_allocate
    if client and amount and currency:
        given = allocatable(client, amount, currency, form.cleaned_data.get("reference", ""))
        context |= table(given, request.POST, client.code)
    return context


urls = [
    path("receipts/new/", new, name="receipt_new"),
    path("receipts/suggestion/", suggestion, name="receipt_suggestion"),
]
