"""A draft from an invoice that is there, and the draft that nobody wants."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import LedgerError, NotDraft
from ..models import Invoice, InvoiceKind, InvoiceStatus
from .audit import Actor, record
from .issuing import NewInvoice, NewLine, draft_invoice


@transaction.atomic
def duplicate_invoice(invoice_id: int, *, actor: Actor, on: date | None = None) -> Invoice:
    """A new draft with the same client, lines and references, dated today; the terms give its due date anew.

    Of an invoice in any state. Raises LedgerError for a late charge, and for one taken over without its lines.
    """
    source = Invoice.objects.select_related("client__terms", "terms").get(pk=invoice_id)
    if source.kind == InvoiceKind.CHARGE:
        raise LedgerError(f"{source} is a late charge: what is charged for lateness is computed, not copied.")
    lines = [_same(line) for line in source.lines.all()]
    if not lines:
        raise LedgerError(f"Invoice {source} was taken over without its lines, so there is nothing to copy.")
    new = NewInvoice(
        source.currency,
        on or localdate(),
        terms=source.terms,
        reference=source.reference,
        text=source.text,
        buyer_reference=source.buyer_reference,
        project=source.project,
    )
    draft = draft_invoice(source.client, new, lines, actor=actor)
    record("invoice_duplicated", draft, actor=actor, client_id=draft.client_id, text=f"Copied from {source}")
    return draft


def _same(line: object) -> NewLine:
    return NewLine(**{name: getattr(line, name) for name in NewLine._fields})


@transaction.atomic
def discard_draft(invoice_id: int, *, actor: Actor) -> Invoice:
    """A draft that is not wanted: it leaves the desk and can be brought back. Raises NotDraft for anything else."""
    return _move(invoice_id, InvoiceStatus.DRAFT, InvoiceStatus.VOID, verb="discarded", actor=actor)


@transaction.atomic
def restore_draft(invoice_id: int, *, actor: Actor) -> Invoice:
    """Bring a discarded draft back. Raises NotDraft for anything that ever had a number."""
    return _move(invoice_id, InvoiceStatus.VOID, InvoiceStatus.DRAFT, verb="restored", actor=actor)


def _move(invoice_id: int, before: str, after: str, *, verb: str, actor: Actor) -> Invoice:
    invoice = Invoice.objects.select_for_update().get(pk=invoice_id)
    if invoice.status != before or invoice.number:
        word = invoice.get_status_display().lower()
        raise NotDraft(f"{invoice} is {word}, so it cannot be {verb}.")
    Invoice.objects.filter(pk=invoice.pk).update(status=after)
    record(f"draft_{verb}", invoice, actor=actor, client_id=invoice.client_id, text=f"Draft {verb}")
    invoice.refresh_from_db()
    return invoice
