"""Disputes: what clients contest, and how each ends."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import AuditEvent, Dispute, DisputeReason, DisputeStatus
from reminders.services.disputes import answer_dispute, move_dispute

from ..access import dispute_for_staff
from ..forms.disputes import AnswerDisputeForm, DisputeProgressForm
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
    """A dispute, where it stands and, for those who may, how to move and to end it."""
    return shown(request, dispute_for_staff(pk))


def shown(request: HttpRequest, dispute: Dispute, **given: Any) -> HttpResponse:
    """A form that came back with errors takes the place of the fresh one."""
    client = dispute.invoice.client
    events = AuditEvent.objects.filter(client_id=client.pk, subject_type="dispute", subject_id=dispute.pk)
    context = {
        "dispute": dispute,
        "invoice": dispute.invoice,
        "client": client,
        "form": AnswerDisputeForm(),
        "progress_form": DisputeProgressForm(dispute),
        "undisputed": dispute.invoice.open_amount - dispute.amount,
        "is_late": bool(dispute.answer_by and dispute.answer_by < localdate() and dispute.status == "open"),
        "events": events.select_related("actor").order_by("-pk")[:50],
        **given,
    }
    return render(request, "dashboard/invoice/dispute.html", context, status=422 if given else 200)


@needs("work")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = dispute_for_staff(pk)
    if request.method != "POST":
        return redirect(dispute_url(dispute))
    form = DisputeProgressForm(dispute, request.POST)
    if form.is_valid():
        try:
            is_told = move_dispute(pk, form.values, actor=request.user)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            text = "Saved; the client is told by mail." if is_told else "Saved; nothing is mailed."
            return done(request, text, "dashboard:dispute", pk)
    return shown(request, dispute, progress_form=form)


@needs("work")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = dispute_for_staff(pk)
    if request.method != "POST":
        return redirect(dispute_url(dispute))
    form = AnswerDisputeForm(request.POST)
    if form.is_valid():
        try:
            is_told = answer_dispute(pk, actor=request.user, **form.cleaned_data)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            told = "the client is told by mail" if is_told else "nothing is mailed: tell the client yourself"
            ended = form.cleaned_data["status"]
            return done(request, f"Dispute {ended}; the item is dunned again, and {told}.", "dashboard:disputes")
    return shown(request, dispute, form=form)


urls = [
    path("disputes/", DisputeList.as_view(), name="disputes"),
    path("disputes/<int:pk>/", page, name="dispute"),
    path("disputes/<int:pk>/move/", move, name="dispute_move"),
    path("disputes/<int:pk>/close/", close, name="dispute_close"),
]
