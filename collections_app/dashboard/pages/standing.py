"""What stands between a client and his next reminder: promises, blocks and disputes taken from the client page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from collections_app.formats import day, money
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import Client
from invoices.queries.clients import open_items_of
from reminders.errors import DunningError
from reminders.services.blocks import add_block, lift_block
from reminders.services.disputes import take_dispute
from reminders.services.promises import make_promise

from ..access import block_for_staff, client_for_staff
from ..forms.standing import BlockForm, DisputeForm, PromiseForm
from ..said import done, refused, with_undo


def shown(request: HttpRequest, client: Client, form: forms.Form, title: str, text: str) -> HttpResponse:
    context = {"client": client, "form": form, "title": title, "submit": title, "text": text}
    return render(request, "dashboard/client/action.html", context, status=422 if form.is_bound else 200)


def wanted_invoice(request: HttpRequest, client: Client) -> Any:
    """The open item in the address, of this client."""
    raw = request.GET.get("invoice", "")
    return open_items_of(client.pk).filter(pk=int(raw)).first() if raw.isdecimal() and len(raw) < 19 else None


@needs("work")
def new_promise(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    overdue = list(open_items_of(pk).filter(currency=client.currency))
    total = sum((item.open_amount for item in overdue), Decimal(0))
    initial = {"items": [item.pk for item in overdue], "amount": total or None}
    form = PromiseForm(client, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        items = given.pop("items")
        try:
            promise = make_promise(client, items=items, currency=items[0].currency, actor=request.user, **given)
        except (DunningError, LedgerError) as error:
            form.add_error(None, str(error))
        else:
            text = f"Promised: {money(promise.amount, promise.currency)} by {day(promise.promised_on)}. "
            return done(request, text + "Nothing is sent about these items until then.", "dashboard:client", pk)
    return shown(
        request,
        client,
        form,
        "Take a promise",
        "Nothing is sent about these items until the date and its grace are over.",
    )


@needs("work")
def new_block(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    form = BlockForm(client, request.POST or None, initial={"invoice": wanted_invoice(request, client)})
    if request.method == "POST" and form.is_valid():
        try:
            block = add_block(client, actor=request.user, **form.cleaned_data)
        except (DunningError, LedgerError) as error:
            form.add_error(None, str(error))
        else:
            text = with_undo("Dunning is blocked.", reverse("dashboard:block_lift", args=[block.pk]))
            return done(request, text, "dashboard:client", pk)
    return shown(
        request, client, form, "Block dunning", "Nothing is sent while a block is in force. Receipts are still booked."
    )


@needs("work")
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    block = block_for_staff(pk)
    try:
        lift_block(pk, actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:client", block.client_id)
    return done(request, "The block is lifted; the client is planned again today.", "dashboard:client", block.client_id)


@needs("work")
def new_dispute(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    invoice = wanted_invoice(request, client)
    initial = {"invoice": invoice, "amount": invoice.open_amount if invoice else None}
    form = DisputeForm(client, request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        invoice_id = given.pop("invoice").pk
        try:
            take_dispute(invoice_id, actor=request.user, **given)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            return done(request, "Dispute opened and confirmed; that part is not dunned.", "dashboard:client", pk)
    return shown(
        request,
        client,
        form,
        "Open a dispute",
        "The contested part is not dunned until the dispute is closed; the rest is.",
    )


urls = [
    path("clients/<int:pk>/promise/", new_promise, name="promise_new"),
    path("clients/<int:pk>/block/", new_block, name="block_new"),
    path("clients/<int:pk>/dispute/", new_dispute, name="dispute_new"),
    path("blocks/<int:pk>/lift/", lift, name="block_lift"),
]
