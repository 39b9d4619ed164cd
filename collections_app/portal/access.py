"""What a reader may touch: his client's own. Anything else does not exist (404)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.http import Http404

from invoices.models import Contact, CreditNote, Invoice, Payment
from invoices.queries.payments import payment_of_client
from reminders.queries.portal import credit_note_of_client, invoice_of_client, invoices_of_client


def invoice_for(contact: Contact, invoice_id: int) -> Invoice:
    invoice = invoice_of_client(contact.client, invoice_id)
    if invoice is None:
        raise Http404("No such invoice.")
    return invoice


def invoices_for(contact: Contact, raw_ids: Sequence[str]) -> list[Invoice]:
    """All of them, or 404; none asked for gives none."""
    if not all(raw.isascii() and raw.isdigit() and len(raw) < 19 for raw in raw_ids) or len(raw_ids) > 2000:
        raise Http404("No such invoice.")
    found = invoices_of_client(contact.client, [int(raw) for raw in raw_ids])
    if raw_ids and not found:
        raise Http404("No such invoice.")
    return found


def credit_note_for(contact: Contact, credit_note_id: int) -> CreditNote:
    note = credit_note_of_client(contact.client, credit_note_id)
    if note is None:
        raise Http404("No such credit note.")
    return note


def payment_for(contact: Contact, uuid: UUID) -> Payment:
    payment = payment_of_client(contact.client, uuid)
    if payment is None:
        raise Http404("No such payment.")
    return payment
