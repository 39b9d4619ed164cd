"""Write-offs: asked for on an invoice, decided by a second person, reversed; small differences and recoveries."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from collections_app.formats import money
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import WriteOff, WriteOffReason, WriteOffStatus
from invoices.queries.organisation import write_off_limit
from invoices.queries.write_offs import write_offs_matching
from invoices.services.bad_debt import relief_of
from invoices.services.recoveries import recover
from invoices.services.write_offs import (
    ask_write_off,
    decide_write_off,
    reverse_write_off,
    write_off_small_difference,
)

from ..access import invoice_for_staff, receipt_for_staff, write_off_for_staff
from ..deciding import Decision, approving, refusing
from ..forms.corrections import AmountForm, WhyForm, WriteOffForm
from ..listing import Column, Filter, ListPage
from ..said import done, refused


def write_off_url(loss: WriteOff) -> str:
    return reverse("dashboard:write_off", args=[loss.pk])


def client_url(loss: WriteOff) -> str:
    return reverse("dashboard:client", args=[loss.invoice.client_id])


def asked_by(loss: WriteOff) -> str:
    return loss.asked_by.full_name if loss.asked_by else ""


def all_write_offs() -> QuerySet[WriteOff]:
    return WriteOff.objects.select_related("invoice__client", "asked_by")


class WriteOffList(ListPage):
    title = "Write-offs"
    queryset = all_write_offs
    order = "-asked_on"
    columns = [
        Column("invoice__number", "Invoice", link=write_off_url),
        Column("invoice__client__name", "Client", link=client_url),
        Column("amount", "Amount", "money", currency="invoice__currency"),
        Column("reason", "Reason"),
        Column("asked_on", "Asked", "date", sort=True),
        Column(asked_by, "Asked by", css="nowrap small"),
        Column("recovered_amount", "Recovered", "money", currency="invoice__currency"),
        Column("status", "Status", "badge"),
    ]
    filters = [
        Filter("status", "Status", "status", WriteOffStatus.choices),
        Filter("reason", "Reason", "reason", WriteOffReason.choices),
    ]
    tabs = [("All", ""), ("Waiting for approval", "status=proposed")]
    search = write_offs_matching
    search_hint = "Invoice or client"
    empty_title = "No write-offs"
    empty_text = "A loss is written off from its invoice."


@needs("work")
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """What will happen stands above the form."""
    invoice = invoice_for_staff(pk)
    if not invoice.is_open:
        return redirect("dashboard:invoice", pk)
    form = WriteOffForm(invoice.open_amount, invoice.currency, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            loss = ask_write_off(pk, form.values, actor=request.user)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            return done(request, said(loss), "dashboard:invoice", pk)
    context = {"invoice": invoice, "client": invoice.client, "form": form, "limit": write_off_limit()}
    context["relief"] = relief_of(invoice)
    return render(request, "dashboard/invoice/write_off.html", context, status=422 if form.is_bound else 200)


def said(loss: WriteOff) -> str:
    amount = money(loss.amount, loss.invoice.currency)
    if loss.status == WriteOffStatus.PROPOSED:
        return f"{amount} is asked to be written off. Nothing is booked until a second person approves it."
    return f"{amount} of {loss.invoice} is written off and no longer chased."


@needs("work")
@require_POST
def small(request: HttpRequest, pk: int) -> HttpResponse:
    """The rest that a receipt left open, within the tolerance."""
    invoice = invoice_for_staff(pk)
    try:
        loss = write_off_small_difference(invoice.pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:invoice", pk)
    return done(request, said(loss), "dashboard:invoice", pk)


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, write_off_for_staff(pk), WhyForm())


def shown(request: HttpRequest, loss: WriteOff, form: WhyForm, status: int = 200) -> HttpResponse:
    context = {
        "loss": loss,
        "invoice": loss.invoice,
        "client": loss.invoice.client,
        "is_own": loss.asked_by == request.user,
        "reverse_form": form,
    }
    return render(request, "dashboard/invoice/loss.html", context, status=status)


DECISION = Decision(write_off_for_staff, decide_write_off, said, "dashboard:write_off")


@needs("work")
@require_POST
def reverse_one(request: HttpRequest, pk: int) -> HttpResponse:
    loss = write_off_for_staff(pk)
    form = WhyForm(request.POST)
    if not form.is_valid():
        return shown(request, loss, form, status=422)
    try:
        reverse_write_off(pk, reason=form.cleaned_data["reason"], actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:write_off", pk)
    return done(request, f"Reversed: {loss.invoice} is owed again, and chased.", "dashboard:write_off", pk)


@needs("work")
@require_POST
def recover_from(request: HttpRequest, pk: int) -> HttpResponse:
    """Money of this receipt for a written-off invoice, named in the form."""
    receipt = receipt_for_staff(pk)
    form = AmountForm(receipt.unapplied_amount, receipt.currency, request.POST)
    raw = request.POST.get("invoice", "")
    invoice = invoice_for_staff(int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 19 else 0)
    if not form.is_valid():
        return refused(request, LedgerError(form.errors["amount"][0]), "dashboard:receipt", pk)
    amount = form.cleaned_data["amount"]
    try:
        recover(invoice.pk, receipt_id=receipt.pk, amount=amount, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:receipt", pk)
    text = f"{money(amount, receipt.currency)} recovered on {invoice}."
    return done(request, text, "dashboard:receipt", pk)


urls = [
    path("write-offs/", WriteOffList.as_view(), name="write_offs"),
    path("write-offs/<int:pk>/", page, name="write_off"),
    path("write-offs/<int:pk>/approve/", approving(DECISION), name="write_off_approve"),
    path("write-offs/<int:pk>/refuse/", refusing(DECISION), name="write_off_refuse"),
    path("write-offs/<int:pk>/reverse/", reverse_one, name="write_off_reverse"),
    path("invoices/<int:pk>/write-off/", new, name="write_off_new"),
    path("invoices/<int:pk>/small-difference/", small, name="write_off_small"),
    path("receipts/<int:pk>/recover/", recover_from, name="receipt_recover"),
]
