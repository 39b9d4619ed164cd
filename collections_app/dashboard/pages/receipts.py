"""The list of receipts, the page of one, and what can be undone."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.formats import money
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import AuditEvent, Invoice, Receipt, ReceiptMethod
from invoices.queries.documents import allocations_of, payables, receipts_matching
from invoices.queries.write_offs import claims_of, small_differences
from invoices.rules.ageing import days_past_due
from invoices.services.receipts import allocate, reverse_receipt, undo_allocation

from ..access import allocation_for_staff, receipt_for_staff
from ..forms.corrections import RefundForm
from ..forms.fields import CURRENCY_CHOICES
from ..forms.receipts import ReverseForm, Shares
from ..listing import Column, Filter, Link, ListPage
from ..said import done, refused

STATES = {"unapplied": "With money on account", "reversed": "Reversed"}


def receipt_url(receipt: Receipt) -> str:
    return reverse("dashboard:receipt", args=[receipt.pk])


def client_url(receipt: Receipt) -> str:
    return reverse("dashboard:client", args=[receipt.client_id])


def of_state(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(unapplied_amount__gt=0) if value == "unapplied" else rows.filter(reversed_on__isnull=False)


def state(receipt: Receipt) -> str:
    if receipt.reversed_on:
        return "Reversed"
    if receipt.unapplied_amount == 0:
        return "Applied"
    return "Unapplied" if receipt.unapplied_amount == receipt.amount else "Part applied"


class ReceiptList(ListPage):
    title = "Receipts"
    queryset = Receipt.objects.select_related("client").all
    order = "-received_on"
    columns = [
        Column("received_on", "Received", "date", sort=True, link=receipt_url),
        Column("client__name", "Client", link=client_url),
        Column("amount", "Amount", "money"),
        Column("unapplied_amount", "On account", "money"),
        Column("method", "Method"),
        Column("reference", "Reference"),
        Column(state, "Status", "badge"),
    ]
    filters = [
        Filter("status", "Status", of_state, list(STATES.items())),
        Filter("method", "Method", "method", ReceiptMethod.choices),
        Filter("currency", "Currency", "currency", CURRENCY_CHOICES),
        Filter("from", "From", "received_on__gte", kind="date"),
        Filter("to", "To", "received_on__lte", kind="date"),
    ]
    search = receipts_matching
    search_hint = "Reference or client"
    links = [Link("Enter receipt", "dashboard:receipt_new", key="n", permission="work")]
    empty_title = "No receipts yet"
    empty_text = "Enter one, or import a file of receipts."


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "dashboard/receipt/page.html", receipt_context(receipt_for_staff(pk)))


def receipt_context(receipt: Receipt, data: Any = None) -> dict[str, Any]:
    today = localdate()
    items = payables(receipt.client_id, receipt.currency) if receipt.unapplied_amount else []
    shares = Shares(receipt.unapplied_amount, receipt.currency, items, data or {}, receipt.client.code)
    events = AuditEvent.objects.filter(subject_type="receipt", subject_id=receipt.pk, client_id=receipt.client_id)
    return {
        "receipt": receipt,
        "client": receipt.client,
        "state": state(receipt),
        "allocations": allocations_of(receipt),
        "shares": shares,
        "late": {item.invoice_id: days_past_due(item.due_on, today) for item in items},
        "events": events.select_related("actor").order_by("-at", "-pk"),
        "reverse_form": ReverseForm(),
        "refunds": receipt.refunds.order_by("pk"),
        "refund_form": RefundForm(receipt.unapplied_amount, receipt.currency),
        "claims": claims_of(receipt) if receipt.unapplied_amount else [],
        "small_differences": small_differences(Invoice.objects.filter(allocations__receipt=receipt).distinct()),
    }


@needs("work")
@require_POST
def allocate_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Allocate what is on account, as typed in the table."""
    receipt = receipt_for_staff(pk)
    context = receipt_context(receipt, request.POST)
    shares = context["shares"]
    if "preview" in request.POST or request.htmx:
        return render(request, "dashboard/receipt/_shares.html", context)
    if not shares.is_valid():
        return render(request, "dashboard/receipt/page.html", context, status=422)
    if not shares.values:
        return redirect(receipt_url(receipt))
    try:
        allocate(pk, shares.values, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:receipt", pk)
    return done(request, f"{money(shares.used, receipt.currency)} allocated.", "dashboard:receipt", pk)


@needs("work")
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Of a receipt or a credit note, and back to that."""
    allocation = allocation_for_staff(pk)
    where = ("dashboard:receipt", allocation.receipt_id)
    if allocation.credit_note_id:
        where = ("dashboard:credit_note", allocation.credit_note_id)
    try:
        undo_allocation(pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, *where)
    amount = money(allocation.amount, allocation.invoice.currency)
    text = f"{amount} is on account again, and {allocation.invoice} is open."
    return done(request, text, *where)


@needs("work")
@require_POST
def reverse_one(request: HttpRequest, pk: int) -> HttpResponse:
    receipt = receipt_for_staff(pk)
    form = ReverseForm(request.POST)
    if form.is_valid():
        try:
            reverse_receipt(pk, reason=form.cleaned_data["reason"], actor=request.user)
        except LedgerError as error:
            return refused(request, error, "dashboard:receipt", pk)
        return done(request, "Receipt reversed; what it paid is open again.", "dashboard:receipt", pk)
    return render(
        request, "dashboard/receipt/page.html", {**receipt_context(receipt), "reverse_form": form}, status=422
    )


urls = [
    path("receipts/", ReceiptList.as_view(), name="receipts"),
    path("receipts/<int:pk>/", page, name="receipt"),
    path("receipts/<int:pk>/allocate/", allocate_rest, name="receipt_allocate"),
    path("receipts/<int:pk>/reverse/", reverse_one, name="receipt_reverse"),
    path("allocations/<int:pk>/undo/", undo, name="allocation_undo"),
]
