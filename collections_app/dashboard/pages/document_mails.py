"""Sending an invoice or a credit note by mail: who gets it and what it says, before it leaves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import Invoice
from reminders.errors import DunningError
from reminders.services.document_mails import (
    Document,
    mailable_contacts,
    mails_about,
    next_round,
    preview_document,
    send_document,
)

from ..access import credit_note_for_staff, invoice_for_staff
from ..forms.mails import RecipientsForm
from ..said import done, refused


@needs("work")
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    found = invoice_for_staff(pk)
    if found.number is None:
        return refused(request, LedgerError("A draft is not sent. Issue it first."), "dashboard:invoice", pk)
    return sending(request, found, "dashboard:invoice")


@needs("work")
def credit_note(request: HttpRequest, pk: int) -> HttpResponse:
    return sending(request, credit_note_for_staff(pk), "dashboard:credit_note")


def sending(request: HttpRequest, document: Document, url_name: str) -> HttpResponse:
    """The mail as it would leave; on POST it leaves, within a minute."""
    contacts = mailable_contacts(document.client_id)
    data = request.POST if request.method == "POST" else None
    form = RecipientsForm(contacts, data, round=next_round(document))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            sent_to = send_document(document, form.chosen, round=given["round"], actor=request.user)
        except DunningError as error:
            return refused(request, error, url_name, document.pk)
        return done(request, f"{document} leaves within a minute, to {', '.join(sent_to)}.", url_name, document.pk)
    context = {
        "document": document,
        "kind": "Invoice" if isinstance(document, Invoice) else "Credit note",
        "client": document.client,
        "back_url": reverse(url_name, args=[document.pk]),
        "pdf_url": reverse(f"{url_name}_pdf", args=[document.pk]),
        "form": form,
        "contacts": contacts,
        "mails": mails_about(document),
        "answer": preview_document(document, contacts[0]) if contacts else None,
    }
    return render(request, "dashboard/mail/send.html", context)


urls = [
    path("invoices/<int:pk>/send/", invoice, name="invoice_send"),
    path("credit-notes/<int:pk>/send/", credit_note, name="credit_note_send"),
]
