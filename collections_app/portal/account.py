"""What is owed and what was paid: pages to look at."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from invoices.models import Contact
from invoices.queries.organisation import organisation
from invoices.queries.payments import payments_shown
from invoices.rules.references import client_reference, in_fours, invoice_reference
from invoices.services.documents import credit_note_pdf as render_credit_note
from invoices.services.documents import invoice_pdf
from reminders.links import portal_link
from reminders.queries.placements import placement_in_force
from reminders.queries.portal import accounts_of, credits_on, open_items, paid_invoices, settlement_offers

from .access import credit_note_for, invoice_for
from .session import client_page, page


@require_safe
@client_page
def overview(request: HttpRequest, contact: Contact) -> HttpResponse:
    return show_overview(request, contact)


def show_overview(
    request: HttpRequest, contact: Contact, *, error: str = "", ticked: tuple[int, ...] = (), amount: str = ""
) -> HttpResponse:
    """Also after a payment that could not be started: with what was ticked, and why."""
    us = organisation()
    context = {
        "accounts": accounts_of(contact.client, us, localdate()),
        "settlements": settlement_offers(contact.client, localdate()),
        "placement": placement_in_force(contact.client_id),
        "iban": in_fours(us.iban.replace(" ", "")),
        "reference": in_fours(client_reference(contact.client_id)),
        "error": error,
        "ticked": ticked,
        "amount": amount,
    }
    return page(request, contact, "overview", context, status=400 if error else 200)


@require_safe
@client_page
def paid(request: HttpRequest, contact: Contact) -> HttpResponse:
    context = {"invoices": paid_invoices(contact.client), "payments": payments_shown(contact.client)}
    return page(request, contact, "paid", context)


@require_safe
@client_page
def invoice(request: HttpRequest, contact: Contact, invoice_id: int) -> HttpResponse:
    found = invoice_for(contact, invoice_id)
    items = [item for item in open_items(contact.client, localdate()) if item.invoice.pk == found.pk]
    context = {
        "invoice": found,
        "item": items[0] if items else None,
        "credits": credits_on(found),
        "disputes": found.disputes.order_by("-pk"),
        "reference": in_fours(invoice_reference(found.pk)),
        "iban": in_fours(organisation().iban.replace(" ", "")),
    }
    return page(request, contact, "invoice", context)


@require_safe
@client_page
def pdf(request: HttpRequest, contact: Contact, invoice_id: int) -> HttpResponse:
    found = invoice_for(contact, invoice_id)
    name = "".join(character if character.isalnum() or character in "-_." else "-" for character in str(found))
    return file_answer(invoice_pdf(found, portal_link(contact)), name)


@require_safe
@client_page
def credit_note_pdf(request: HttpRequest, contact: Contact, credit_note_id: int) -> HttpResponse:
    found = credit_note_for(contact, credit_note_id)
    return file_answer(render_credit_note(found), found.number)


def file_answer(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name.encode("ascii", "replace").decode()}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
