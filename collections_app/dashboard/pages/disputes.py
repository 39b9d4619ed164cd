"""Disputes: what clients contest, and how each ends."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import Dispute, DisputeReason, DisputeStatus
from invoices.services.disputes import close_dispute

from ..access import dispute_for_staff
from ..forms.standing import CloseDisputeForm
from ..listing import Column, Filter, ListPage
from ..said import done


def dispute_url(dispute: Dispute) -> str:
    return reverse("dashboard:dispute", args=[dispute.pk])


def client_url(dispute: Dispute) -> str:
    return reverse("dashboard:client", args=[dispute.invoice.client_id])


def owner(dispute: Dispute) -> str:
    return dispute.owner.full_name if dispute.owner else ""


def all_disputes() -> QuerySet[Dispute]:
    return Dispute.objects.select_related("invoice__client", "owner")


class DisputeList(ListPage):
    title = "Disputes"
    queryset = all_disputes
    order = "-opened_on"
    columns = [
        Column("invoice__number", "Invoice", link=dispute_url),
        Column("invoice__client__name", "Client", link=client_url),
        Column("reason", "Reason"),
        Column("amount", "Contested", "money", currency="invoice__currency"),
        Column("opened_on", "Opened", "date", sort=True),
        Column("opened_by", "By"),
        Column("answer_by", "Answer by", "date", sort=True),
        Column(owner, "Owner"),
        Column("status", "Status", "badge"),
    ]
    filters = [
        Filter("status", "Status", "status", DisputeStatus.choices, default="open"),
        Filter("reason", "Reason", "reason", DisputeReason.choices),
    ]
    search = ("invoice__number", "invoice__client__name", "comment")
    empty_title = "No disputes"
    empty_text = "A dispute is opened from an invoice, or by the client in the portal."


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """A dispute and, for those who may, how to end it."""
    dispute = dispute_for_staff(pk)
    context = {
        "dispute": dispute,
        "invoice": dispute.invoice,
        "client": dispute.invoice.client,
        "form": CloseDisputeForm(),
    }
    return render(request, "dashboard/invoice/dispute.html", context)


@needs("work")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = dispute_for_staff(pk)
    if request.method != "POST":
        return redirect(dispute_url(dispute))
    form = CloseDisputeForm(request.POST)
    if form.is_valid():
        try:
            closed = close_dispute(pk, actor=request.user, **form.cleaned_data)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            text = f"Dispute {closed.get_status_display().lower()}; the item is dunned again."
            return done(request, text, "dashboard:disputes")
    context = {"dispute": dispute, "invoice": dispute.invoice, "client": dispute.invoice.client, "form": form}
    return render(request, "dashboard/invoice/dispute.html", context, status=422)


urls = [
    path("disputes/", DisputeList.as_view(), name="disputes"),
    path("disputes/<int:pk>/", page, name="dispute"),
    path("disputes/<int:pk>/close/", close, name="dispute_close"),
]
