"""Refunds: money on account that goes back, asked for on a receipt or credit note, decided by a second person."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from collections_app.formats import money
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import Payment, Refund, RefundStatus
from invoices.queries.write_offs import refunds_matching
from invoices.services.refunds import decide_refund, refund_credit_note, refund_receipt

from ..access import credit_note_for_staff, receipt_for_staff, refund_for_staff
from ..deciding import Decision, approving, refusing
from ..forms.corrections import RefundForm
from ..listing import Column, Filter, ListPage
from ..said import done, refused

AT_PROCESSOR = {"created": "Being asked for", "succeeded": "Refunded", "failed": "Failed", "canceled": "Failed"}
AT_PROCESSOR |= {"refused": "Failed"}


def refund_url(refund: Refund) -> str:
    return reverse("dashboard:refund", args=[refund.pk])


def client_url(refund: Refund) -> str:
    return reverse("dashboard:client", args=[refund.client_id])


def source(refund: Refund) -> str:
    return str(refund.receipt or refund.credit_note)


def source_url(refund: Refund) -> str:
    if refund.receipt_id:
        return reverse("dashboard:receipt", args=[refund.receipt_id])
    return reverse("dashboard:credit_note", args=[refund.credit_note_id])


def state(refund: Refund) -> str:
    """What came in online goes back through the card processor, where it may take days, and fail."""
    at_processor = getattr(refund, "at_processor", None)
    return AT_PROCESSOR.get(at_processor.status, "Pending") if at_processor else refund.get_status_display()


def asked_by(refund: Refund) -> str:
    return refund.asked_by.full_name if refund.asked_by else ""


def all_refunds() -> QuerySet[Refund]:
    return Refund.objects.select_related("client", "receipt", "credit_note", "asked_by", "at_processor")


class RefundList(ListPage):
    title = "Refunds"
    queryset = all_refunds
    order = "-asked_on"
    columns = [
        Column("asked_on", "Asked", "date", sort=True, link=refund_url),
        Column("client__name", "Client", link=client_url),
        Column(source, "Out of", link=source_url),
        Column("amount", "Amount", "money"),
        Column("reason", "Reason"),
        Column(asked_by, "Asked by", css="nowrap small"),
        Column(state, "Status", "badge"),
    ]
    filters = [Filter("status", "Status", "status", RefundStatus.choices)]
    tabs = [("All", ""), ("Waiting for approval", "status=proposed")]
    search = refunds_matching
    search_hint = "Reference or client"
    empty_title = "No refunds"
    empty_text = "Money on account is refunded from its receipt or credit note."


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    refund = refund_for_staff(pk)
    context = {"refund": refund, "client": refund.client, "source": source(refund), "source_url": source_url(refund)}
    context["is_online"] = Payment.objects.filter(receipt=refund.receipt_id or 0).exists()
    context["state"] = state(refund)
    return render(request, "dashboard/receipt/refund.html", {**context, "is_own": refund.asked_by == request.user})


@needs("work")
@require_POST
def of_receipt(request: HttpRequest, pk: int) -> HttpResponse:
    receipt = receipt_for_staff(pk)
    form = RefundForm(receipt.unapplied_amount, receipt.currency, request.POST)
    return asked(request, form, refund_receipt, "dashboard:receipt", pk)


@needs("work")
@require_POST
def of_credit_note(request: HttpRequest, pk: int) -> HttpResponse:
    note = credit_note_for_staff(pk)
    form = RefundForm(note.unapplied_amount, note.currency, request.POST)
    return asked(request, form, refund_credit_note, "dashboard:credit_note", pk)


def asked(request: HttpRequest, form: RefundForm, service: object, where: str, pk: int) -> HttpResponse:
    if not form.is_valid():
        problem = next(iter(form.errors.items()))
        return refused(request, LedgerError(f"{form[problem[0]].label}: {problem[1][0]}"), where, pk)
    try:
        refund = service(pk, form.values, actor=request.user)
    except LedgerError as error:
        return refused(request, error, where, pk)
    return done(request, said(refund), where, pk)


def said(refund: Refund) -> str:
    amount = money(refund.amount, refund.currency)
    if refund.status == RefundStatus.PROPOSED:
        return f"A refund of {amount} is asked for. Nothing is booked until a second person approves it."
    if hasattr(refund, "at_processor"):
        return f"The card processor is asked to refund {amount}; it is booked when it says so, within minutes."
    return f"Refund of {amount} booked. Now make the transfer at the bank."


DECISION = Decision(refund_for_staff, decide_refund, said, "dashboard:refund")

urls = [
    path("refunds/", RefundList.as_view(), name="refunds"),
    path("refunds/<int:pk>/", page, name="refund"),
    path("refunds/<int:pk>/approve/", approving(DECISION), name="refund_approve"),
    path("refunds/<int:pk>/refuse/", refusing(DECISION), name="refund_refuse"),
    path("receipts/<int:pk>/refund/", of_receipt, name="receipt_refund"),
    path("credit-notes/<int:pk>/refund/", of_credit_note, name="credit_note_refund"),
]
