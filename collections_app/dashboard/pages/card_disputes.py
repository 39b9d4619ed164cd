"""Disputes of online payments: the list, one with its evidence, and the answer that a person sends."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import ProcessorDispute
from invoices.rules.card_disputes import CLOSED, TAKES_EVIDENCE, stage
from reminders.queries.evidence import evidence_of
from reminders.services.evidence import evidence_name, evidence_pdf, send_evidence

from ..access import card_dispute_for_staff
from ..files import pdf_answer
from ..listing import Column, Filter, ListPage
from ..said import done, refused

STATES = {"open": "Open", "answer": "To be answered", "closed": "Closed"}


def dispute_url(row: ProcessorDispute) -> str:
    return reverse("dashboard:card_dispute", args=[row.pk])


def client_url(row: ProcessorDispute) -> str:
    return reverse("dashboard:client", args=[row.payment.client_id])


def state(row: ProcessorDispute) -> str:
    return stage(row.status).label


def of_state(rows: QuerySet, value: str) -> QuerySet:
    if value == "answer":
        return rows.filter(status__in=TAKES_EVIDENCE)
    return rows.filter(closed_at__isnull=value == "open")


def all_disputes() -> QuerySet[ProcessorDispute]:
    return ProcessorDispute.objects.select_related("payment__client")


class CardDisputeList(ListPage):
    title = "Card disputes"
    subtitle = "Payments that a payer's bank asks about or took back. No reminder goes out about them by itself."
    queryset = all_disputes
    order = "-opened_at"
    columns = [
        Column("opened_at", "Opened", "moment", sort=True, link=dispute_url),
        Column("payment__client__name", "Client", link=client_url),
        Column("amount", "Amount", "money"),
        Column("reason", "Reason"),
        Column("answer_by", "Answer by", "moment", sort=True),
        Column(state, "State", "badge"),
    ]
    filters = [Filter("status", "State", of_state, list(STATES.items()))]
    tabs = [("All", ""), ("To be answered", "status=answer"), ("Open", "status=open")]
    search = ("payment__client__name", "dispute_id")
    search_hint = "Client or number"
    empty_title = "No disputes"
    empty_text = "What a payer's bank asks about or takes back appears here within minutes."


@needs("view")
@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """With all that would be sent, before it is."""
    dispute = card_dispute_for_staff(pk)
    context = {
        "dispute": dispute,
        "payment": dispute.payment,
        "client": dispute.payment.client,
        "state": state(dispute),
        "takes_evidence": dispute.status in TAKES_EVIDENCE,
        "is_closed": dispute.status in CLOSED,
        "facts": evidence_of(dispute),
    }
    return render(request, "dashboard/card_dispute/page.html", context)


@needs("view")
@require_safe
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    dispute = card_dispute_for_staff(pk)
    return pdf_answer(evidence_pdf(dispute), evidence_name(dispute))


@needs("work")
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        send_evidence(card_dispute_for_staff(pk).pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:card_dispute", pk)
    said = "The evidence is with the payer's bank. Its decision takes some weeks."
    return done(request, said, "dashboard:card_dispute", pk)


urls = [
    path("card-disputes/", CardDisputeList.as_view(), name="card_disputes"),
    path("card-disputes/<int:pk>/", page, name="card_dispute"),
    path("card-disputes/<int:pk>/evidence.pdf", evidence, name="card_dispute_evidence"),
    path("card-disputes/<int:pk>/send/", send, name="card_dispute_send"),
]
