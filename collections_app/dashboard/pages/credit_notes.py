"""The list of credit notes, the page of one, and the allocation of what it has on account."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.models import AuditEvent, CreditNote
from invoices.queries.credit_notes import allocations_of_note, credit_notes_matching, taken_off_invoice, taxes_of
from invoices.queries.payables import allocatable_credit
from invoices.services.credit_notes import allocate_credit
from invoices.services.documents import credit_note_pdf
from reminders.services.document_mails import mails_about

from ..access import credit_note_for_staff
from ..applying import Applying, apply, table
from ..files import pdf_answer
from ..forms.corrections import RefundForm
from ..forms.fields import CURRENCY_CHOICES
from ..listing import Column, Filter, ListPage

STATES = {"unapplied": "With money on account"}


def credit_note_url(note: CreditNote) -> str:
    return reverse("dashboard:credit_note", args=[note.pk])


def client_url(note: CreditNote) -> str:
    return reverse("dashboard:client", args=[note.client_id])


def invoice_url(note: CreditNote) -> str:
    return reverse("dashboard:invoice", args=[note.invoice_id])


def of_state(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(unapplied_amount__gt=0)


class CreditNoteList(ListPage):
    title = "Credit notes"
    queryset = CreditNote.objects.select_related("client", "invoice").all
    order = "-issued_on"
    columns = [
        Column(str, "Credit note", link=credit_note_url),
        Column("client__name", "Client", link=client_url),
        Column("invoice__number", "On invoice", link=invoice_url),
        Column("issued_on", "Issued", "date", sort=True),
        Column("reason", "Reason"),
        Column("total_amount", "Credit", "money"),
        Column("unapplied_amount", "On account", "money"),
    ]
    filters = [
        Filter("status", "Status", of_state, list(STATES.items())),
        Filter("currency", "Currency", "currency", CURRENCY_CHOICES),
        Filter("from", "From", "issued_on__gte", kind="date"),
        Filter("to", "To", "issued_on__lte", kind="date"),
    ]
    search = credit_notes_matching
    search_hint = "Number, invoice or client"
    empty_title = "No credit notes yet"
    empty_text = "A credit note is written from the invoice that it corrects."


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "dashboard/credit_note/page.html", credit_note_context(credit_note_for_staff(pk)))


def credit_note_context(note: CreditNote, data: Any = None) -> dict[str, Any]:
    events = AuditEvent.objects.filter(subject_type="creditnote", subject_id=note.pk, client_id=note.client_id)
    return {
        "note": note,
        "client": note.client,
        "invoice": note.invoice,
        "lines": note.lines.all(),
        "taxes": taxes_of(note),
        "taken_off": taken_off_invoice(note),
        "allocations": allocations_of_note(note),
        **table(allocatable_credit(note), data, note.client.code),
        "shares_url": reverse("dashboard:credit_note_allocate", args=[note.pk]),
        "refunds": note.refunds.select_related("asked_by", "decided_by").order_by("pk"),
        "refund_form": RefundForm(note.unapplied_amount, note.currency),
        "mails": mails_about(note),
        "events": events.select_related("actor").order_by("-at", "-pk"),
    }


APPLYING = Applying("dashboard/credit_note/page.html", "dashboard:credit_note", allocate_credit)


@needs("work")
@require_POST
def allocate_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Allocate what is on account, as typed in the table."""
    return apply(request, APPLYING, pk, credit_note_context(credit_note_for_staff(pk), request.POST))


@needs("view")
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The credit note as its client gets it."""
    note = credit_note_for_staff(pk)
    return pdf_answer(credit_note_pdf(note), note.number)


urls = [
    path("credit-notes/", CreditNoteList.as_view(), name="credit_notes"),
    path("credit-notes/<int:pk>/", page, name="credit_note"),
    path("credit-notes/<int:pk>/pdf/", pdf, name="credit_note_pdf"),
    path("credit-notes/<int:pk>/allocate/", allocate_rest, name="credit_note_allocate"),
]
