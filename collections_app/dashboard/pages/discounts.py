"""Settlement discounts: given by themselves, and those that came a little late and wait for a manager."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from collections_app.formats import money
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import Discount, DiscountStatus
from invoices.queries.discounts import discounts_matching
from invoices.services.discounts import decide_discount

from ..access import discount_for_staff
from ..forms.settlements import DecideDiscountForm
from ..listing import Column, Filter, ListPage
from ..said import done, refused


def discount_url(row: Discount) -> str:
    return reverse("dashboard:discount", args=[row.pk])


def client_url(row: Discount) -> str:
    return reverse("dashboard:client", args=[row.invoice.client_id])


def all_discounts() -> QuerySet[Discount]:
    return Discount.objects.select_related("invoice__client", "decided_by")


class DiscountList(ListPage):
    title = "Settlement discounts"
    queryset = all_discounts
    order = "-earned_on"
    columns = [
        Column("invoice__number", "Invoice", link=discount_url),
        Column("invoice__client__name", "Client", link=client_url),
        Column("amount", "Discount", "money", currency="invoice__currency"),
        Column("tax_amount", "Tax inside", "money", currency="invoice__currency"),
        Column("earned_on", "Paid", "date", sort=True),
        Column("days_late", "Days late", "number"),
        Column("status", "Status", "badge"),
    ]
    filters = [Filter("status", "Status", "status", DiscountStatus.choices)]
    tabs = [("All", ""), ("Waiting for approval", "status=proposed"), ("Granted", "status=granted")]
    search = discounts_matching
    search_hint = "Invoice or client"
    empty_title = "No settlement discounts"
    empty_text = "Payment terms may offer one; it is given by itself when the money comes in time."


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    row = discount_for_staff(pk)
    context = {"discount": row, "invoice": row.invoice, "client": row.invoice.client, "form": DecideDiscountForm()}
    return render(request, "dashboard/invoice/discount.html", context)


@needs("approve")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    return decided(request, pk, is_approved=True)


@needs("approve")
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    return decided(request, pk, is_approved=False)


def decided(request: HttpRequest, pk: int, *, is_approved: bool) -> HttpResponse:
    row = discount_for_staff(pk)
    form = DecideDiscountForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    try:
        decide_discount(row.pk, is_approved=is_approved, actor=request.user, note=note)
    except LedgerError as error:
        return refused(request, error, "dashboard:discount", pk)
    amount = money(row.amount, row.invoice.currency)
    text = f"{amount} granted on {row.invoice}." if is_approved else f"Refused: {amount} stays owed on {row.invoice}."
    return done(request, text, "dashboard:discount", pk)


urls = [
    path("discounts/", DiscountList.as_view(), name="discounts"),
    path("discounts/<int:pk>/", page, name="discount"),
    path("discounts/<int:pk>/approve/", approve, name="discount_approve"),
    path("discounts/<int:pk>/refuse/", refuse, name="discount_refuse"),
]
