"""What goes with a mail of the outbox, made when it leaves; and what must not leave any more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from invoices.models import InvoiceStatus

from ..channels import Attachment
from ..models import Acknowledgement, AcknowledgementKind
from .document_mails import credit_note_files, invoice_files, invoice_of
from .plan_files import plan_files
from .statements import statement_files
from .welcome import welcome_files

Files = tuple[Attachment, ...]
FILES: dict[str, Callable[[Acknowledgement], Files]] = {
    AcknowledgementKind.STATEMENT: statement_files,
    AcknowledgementKind.INVOICE: invoice_files,
    AcknowledgementKind.CREDIT_NOTE: credit_note_files,
    AcknowledgementKind.WELCOME: welcome_files,
    AcknowledgementKind.PLAN_AGREED: plan_files,
}

# What a contact may turn off for himself, and where that stands.
WANTED = {
    AcknowledgementKind.STATEMENT: "receives_statements",
    AcknowledgementKind.INVOICE: "receives_invoices",
    AcknowledgementKind.CREDIT_NOTE: "receives_invoices",
}


def attachments_of(row: Acknowledgement) -> Files:
    """What goes with an answer; their names and SHA-256 are kept as evidence of what left."""
    files = FILES[row.kind](row) if row.kind in FILES else ()
    if files:
        sums = [[file.name, hashlib.sha256(file.content).hexdigest()] for file in files]
        Acknowledgement.objects.filter(pk=row.pk).update(facts={**row.facts, "attachments": sums})
    return files


def reason_to_cancel(row: Acknowledgement) -> str:
    """Why the mail no longer stands, asked just before it leaves; empty while it does."""
    if row.kind == AcknowledgementKind.INVOICE:
        invoice = invoice_of(row)
        if invoice.status == InvoiceStatus.VOID:
            return f"Invoice {invoice} was voided before it left."
    if row.kind in WANTED and row.contact is not None and not getattr(row.contact, WANTED[row.kind]):
        return f"{row.contact} wants no {row.get_kind_display().lower()} by mail any more."
    return ""
