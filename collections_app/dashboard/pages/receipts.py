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
from invoices.models import Allocation, AuditEvent, Invoice, Receipt, ReceiptMethod
from invoices.queries.documents import allocations_of, receipts_matching
from invoices.queries.payables import allocatable
from invoices.queries.write_offs import claims_of, small_differences
from invoices.rules.exchange import implied_rate
from invoices.services.receipts import allocate, undo_allocation
from reminders.services.returns import return_payment

from ..access import allocation_for_staff, receipt_for_staff
from ..applying import Applying, apply, table
from ..forms.corrections import RefundForm
from ..forms.fields import CURRENCY_CHOICES
from ..forms.receipts import ReverseForm
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
        return "Moved back" if receipt.moved_from_id else "Reversed"
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
    given = allocatable(receipt.client, receipt.unapplied_amount, receipt.currency, receipt.reference)
    events = AuditEvent.objects.filter(subject_type="receipt", subject_id=receipt.pk, client_id=receipt.client_id)
    received = receipt.received_amount
    moves = list(receipt.moved_to.filter(reversed_on__isnull=True).select_related("client").order_by("pk"))
    is_moved = sum(moved.amount for moved in moves) == receipt.amount
    return {
        "receipt": receipt,
        "client": receipt.client,
        "state": "Moved" if is_moved else state(receipt),
        "rate": implied_rate(received, receipt.amount) if received else None,
        "is_returnable": receipt.reversible_until is not None and receipt.reversible_until >= localdate(),
        "allocations": allocations_of(receipt),
        **table(given, data, receipt.client.code),
        "shares_url": reverse("dashboard:receipt_allocate", args=[receipt.pk]),
        "events": events.select_related("actor").order_by("-at", "-pk"),
        "reverse_form": ReverseForm(),
        "moves": moves,
        "refunds": receipt.refunds.order_by("pk"),
        "refund_form": RefundForm(receipt.unapplied_amount, receipt.currency),
        "claims": claims_of(receipt) if receipt.unapplied_amount else [],
        "small_differences": small_differences(Invoice.objects.filter(allocations__receipt=receipt).distinct()),
    }


APPLYING = Applying("dashboard/receipt/page.html", "dashboard:receipt", allocate)


@needs("work")
@require_POST
def allocate_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Allocate what is on account, as typed in the table."""
    return apply(request, APPLYING, pk, receipt_context(receipt_for_staff(pk), request.POST))


def source_page(allocation: Allocation) -> tuple[str, int]:
    """The page, and its row, of the receipt or credit note that was allocated."""
    if allocation.credit_note_id:
        return "dashboard:credit_note", allocation.credit_note_id
    return "dashboard:receipt", allocation.receipt_id


@needs("view")
def source_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a line of the timeline about an allocation leads."""
    return redirect(*source_page(allocation_for_staff(pk)))


@needs("work")
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Of a receipt or a credit note, and back to that."""
    allocation = allocation_for_staff(pk)
    where = source_page(allocation)
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
            return_payment(pk, **form.values, actor=request.user)
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
    path("allocations/<int:pk>/", source_of, name="allocation"),
    path("allocations/<int:pk>/undo/", undo, name="allocation_undo"),
]
