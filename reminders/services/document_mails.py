"""Invoices and credit notes by mail, with the PDF: when they are issued, and again when somebody asks.

Once by its key, which names the document, the contact and the round: another round is somebody's explicit wish.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.timezone import localdate, now
from django.utils.translation import override

from invoices.models import (
    AuditEvent,
    Contact,
    CreditNote,
    EmailState,
    Invoice,
    InvoiceStatus,
    RecurringIssue,
)
from invoices.queries.credit_notes import taken_off_invoice
from invoices.queries.organisation import organisation
from invoices.queries.schedules import schedule_of
from invoices.rules.references import in_fours, invoice_reference
from invoices.services.audit import Actor, record
from invoices.services.documents import credit_note_pdf, invoice_pdf
from invoices.services.issuing import issue_invoice
from invoices.services.ledger import lock_client

from ..answering import AnswerDue
from ..channels import Attachment
from ..errors import DunningError
from ..links import portal_url
from ..models import Acknowledgement, AcknowledgementKind
from .answers import Answer, compose_for, write_answer
from .tasks import ask_for_contact

Document = Invoice | CreditNote
WORKER = "worker"
LOOK_BACK = timedelta(days=30)
MOST_AT_ONCE = 500
HIDDEN_LINK = {"portal_url": "(the contact's own link)"}


def mailable_contacts(client_id: int) -> list[Contact]:
    """Who can get an invoice by mail, the one who should first: accounts payable, then the primary contact."""
    rows = Contact.objects.filter(client_id=client_id, is_active=True, receives_invoices=True)
    rows = rows.filter(email_state=EmailState.OK).exclude(email="")
    return sorted(rows, key=lambda c: (c.role != "accounts_payable", not c.is_primary, c.pk))


def mails_about(document: Document) -> QuerySet[Acknowledgement]:
    """The mails with this document, the newest first."""
    rows = Acknowledgement.objects.filter(client_id=document.client_id, once_key__startswith=f"{_key(document)}:")
    return rows.select_related("contact").order_by("-pk")


def next_round(document: Document) -> int:
    """1 before it was ever mailed."""
    rounds = [int(key.split(":")[2]) for key in mails_about(document).values_list("once_key", flat=True)]
    return max(rounds, default=0) + 1


def preview_document(document: Document, contact: Contact) -> Answer | None:
    """The mail as it would leave now, but for the link, which opens the portal. Changes nothing."""
    facts = {**_facts(document), **HIDDEN_LINK}
    if isinstance(document, Invoice) and document.status == InvoiceStatus.DRAFT:
        facts["number"] = "(its number)"
    return compose_for(document.client, _kind(document), contact, facts)


@transaction.atomic
def issue_and_send(
    invoice_id: int, contact_ids: Sequence[int], *, actor: Actor, over_limit_reason: str = ""
) -> tuple[Invoice, list[str]]:
    """Issue a draft, and write its mail to these contacts. Both happen, or neither. Returns it, and to whom.

    Raises what `issue_invoice` and `send_document` raise.
    """
    invoice = issue_invoice(invoice_id, actor=actor, over_limit_reason=over_limit_reason)
    return invoice, send_document(invoice, contact_ids, round=1, actor=actor) if contact_ids else []


@transaction.atomic
def send_document(document: Document, contact_ids: Sequence[int], *, round: int, actor: Actor) -> list[str]:
    """Write the mails, which leave within a minute; returns to whom. A second click of the same round writes none.

    Raises DunningError for a draft or void invoice, and when none of the contacts has a working address.
    """
    client = lock_client(document.client_id)
    if isinstance(document, Invoice) and document.status != InvoiceStatus.ISSUED:
        raise DunningError(
            f"Invoice {document} is {document.get_status_display().lower()}; only an issued one is sent."
        )
    contacts = [contact for contact in mailable_contacts(client.pk) if contact.pk in set(contact_ids)]
    if not contacts:
        raise DunningError(f"Choose a contact of {client} with a working e-mail address.")
    facts = _facts(document)
    rows = [_write(document, f"{_key(document)}:{round}:{contact.pk}", contact, facts) for contact in contacts]
    sent_to = [row.recipient for row in rows if row is not None]
    if not sent_to:
        raise DunningError("This was sent already. Open the page again to send it once more.")
    _record(document, sent_to, actor=actor)
    return sent_to


def send_recurring(limit: int = MOST_AT_ONCE) -> int:
    """Mail the invoices that the scheduler issued, once each; returns how many were written.

    Nothing is written while sending is stopped. Where nobody can be written to, a person is asked to find someone.
    """
    if organisation().is_sending_stopped:
        return 0
    written = 0
    for issue in _issued_by_schedule()[:limit]:
        written += _send_first(issue.invoice)
    return written


@transaction.atomic
def _send_first(invoice: Invoice) -> bool:
    contacts = mailable_contacts(invoice.client_id)
    if not contacts:
        text = f"Invoice {invoice} could not be mailed: nobody has a working address."
        ask_for_contact(invoice.client_id, localdate(), text=text)
        return False
    row = _write(invoice, f"{_key(invoice)}:1:{contacts[0].pk}", contacts[0], _facts(invoice))
    if row is not None:
        _record(invoice, [row.recipient], actor=WORKER)
    return row is not None


def _issued_by_schedule() -> QuerySet[RecurringIssue]:
    """Of the last weeks, issued by the worker and never mailed by anybody."""
    key = Concat(Value("invoice:"), Cast(OuterRef("invoice_id"), TextField()), Value(":"), output_field=TextField())
    mailed = Acknowledgement.objects.filter(client_id=OuterRef("invoice__client_id"), once_key__startswith=key)
    by_worker = AuditEvent.objects.filter(
        client_id=OuterRef("invoice__client_id"),
        verb="invoice_issued",
        subject_type="invoice",
        subject_id=OuterRef("invoice_id"),
        actor_label=WORKER,
    )
    rows = RecurringIssue.objects.filter(
        invoice__status=InvoiceStatus.ISSUED, invoice__created_at__gt=now() - LOOK_BACK
    )
    rows = rows.filter(~Exists(mailed), Exists(by_worker)).select_related("invoice__client__account_manager")
    return rows.order_by("pk")


def _write(document: Document, key: str, contact: Contact, facts: dict[str, Any]) -> Acknowledgement | None:
    if isinstance(document, Invoice):
        facts = {**facts, "portal_url": portal_url(contact, document.pk)}
    return write_answer(document.client, _kind(document), key, contact, facts)


def _record(document: Document, sent_to: Sequence[str], *, actor: Actor) -> None:
    verb = "invoice_sent" if isinstance(document, Invoice) else "credit_note_sent"
    text = f"{document} mailed to {', '.join(sent_to)}"
    record(verb, document, actor=actor, client_id=document.client_id, text=text)


def _kind(document: Document) -> AcknowledgementKind:
    return AcknowledgementKind.INVOICE if isinstance(document, Invoice) else AcknowledgementKind.CREDIT_NOTE


def _key(document: Document) -> str:
    return f"{_kind(document).value}:{document.pk}"


def _facts(document: Document) -> dict[str, Any]:
    return _invoice_facts(document) if isinstance(document, Invoice) else _credit_note_facts(document)


def _invoice_facts(invoice: Invoice) -> dict[str, Any]:
    us, when = organisation(), schedule_of(invoice)
    offer = when.reduction
    return {
        "document_id": invoice.pk,
        "number": str(invoice),
        "reference": invoice.reference,
        "issued_on": invoice.issued_on,
        "amount": invoice.total_amount,
        "currency": invoice.currency,
        "due_on": invoice.due_on,
        "dues": [AnswerDue(part.due_on, part.amount) for part in when.parts] if when.is_split else [],
        "discount_until": offer.offer.last_on if offer and offer.offer.last_on >= localdate() else None,
        "discounted_amount": offer.to_pay if offer else None,
        "iban": in_fours(us.iban.replace(" ", "")),
        "transfer_reference": in_fours(invoice_reference(invoice.pk)),
    }


def _credit_note_facts(note: CreditNote) -> dict[str, Any]:
    invoice, taken_off = note.invoice, taken_off_invoice(note)
    return {
        "document_id": note.pk,
        "number": note.number,
        "issued_on": note.issued_on,
        "amount": note.total_amount,
        "currency": note.currency,
        "reference": str(invoice),
        "reason": note.reason,
        "taken_off": taken_off,
        "on_account": note.total_amount - taken_off,
        "open_amount": invoice.open_amount,
        "due_on": invoice.due_on,
    }


def invoice_of(row: Acknowledgement) -> Invoice:
    return Invoice.objects.select_related("client__terms", "terms").get(pk=row.facts["document_id"])


def invoice_files(row: Acknowledgement) -> tuple[Attachment, ...]:
    """The PDF, made when the mail leaves: no lock is held meanwhile."""
    invoice = invoice_of(row)
    with override("en"):
        return (Attachment(f"{invoice.number}.pdf".replace("/", "-"), invoice_pdf(invoice)),)


def credit_note_files(row: Acknowledgement) -> tuple[Attachment, ...]:
    note = CreditNote.objects.select_related("client", "invoice").get(pk=row.facts["document_id"])
    with override("en"):
        return (Attachment(f"{note.number}.pdf".replace("/", "-"), credit_note_pdf(note)),)
