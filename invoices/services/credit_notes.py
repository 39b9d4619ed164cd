"""Credit notes: the only correction of an issued invoice. A number at issue, never edited, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import ExceedsOpen, LedgerError, NotIssued
from ..models import (
    Allocation,
    Client,
    CreditNote,
    CreditNoteLine,
    EntryKind,
    Invoice,
    InvoiceStatus,
    WriteOffStatus,
)
from ..queries.credit_notes import creditable
from ..queries.settlements import waived_on
from ..rules.allocation import Share
from ..rules.crediting import CannotCredit, Credit, What, credit
from ..rules.money import ZERO, plain
from .audit import Actor, record, user_or_none
from .discounts import discount_lost
from .following import follow_money
from .issuing import take_number
from .ledger import Movement, day_for, lock_client, post
from .receipts import allocate_source
from .settling import give_way


@transaction.atomic
def issue_credit_note(invoice_id: int, *, what: What, reason: str, actor: Actor, on: date | None = None) -> CreditNote:
    """Take back all of an issued invoice, some lines, or an amount (`rules.crediting`).

    It reduces what the invoice has open; the rest is on account, to be allocated or refunded. Raises NotIssued,
    ExceedsOpen with the figures, LedgerError without a reason or while a loss is written off on the invoice.
    """
    client = lock_client(Invoice.objects.only("client_id").get(pk=invoice_id).client_id)
    invoice = Invoice.objects.select_for_update().get(pk=invoice_id)
    _require_creditable(invoice, reason)
    try:
        found = credit(creditable(invoice), what)
    except CannotCredit as error:
        raise ExceedsOpen(str(error))
    day = day_for(on or localdate(), invoice=invoice)
    note = _write(client, invoice, found, reason=reason.strip(), day=day, actor=actor)
    # The discount is of the price as it is now: less of one that was given, or one that is earned by it.
    follow_money(client, [invoice], on=day, actor=actor)
    invoice.refresh_from_db(fields=["open_amount"])
    give_way(client, invoice, found.total - invoice.open_amount, on=day, actor=actor)
    invoice.refresh_from_db(fields=["open_amount"])
    day = day_for(day, invoice=invoice)
    _book(client, note, min(invoice.open_amount, found.total), day=day, actor=actor)
    note.refresh_from_db()
    return note


def taken_off(invoice: Invoice, total: Decimal) -> Decimal:
    """How much of a credit note over `total` the invoice itself would take; the rest goes on account.

    Its discount changes with the price, and what a settlement waived is credited first. Nothing is written.
    """
    owed = invoice.open_amount + discount_lost(invoice, total) + sum(waived_on(invoice).values(), ZERO)
    return min(owed, total)


def _require_creditable(invoice: Invoice, reason: str) -> None:
    if invoice.status != InvoiceStatus.ISSUED:
        state = invoice.get_status_display().lower()
        raise NotIssued(f"Invoice {invoice} is {state} and owes nothing, so there is nothing to credit.")
    if not reason.strip():
        raise LedgerError("A credit note needs a reason: it is printed on it.")
    lost = invoice.write_offs.filter(status=WriteOffStatus.BOOKED)
    if amount := sum((one.unrecovered_amount for one in lost), ZERO):
        # Else the client would be given money on account for what he never paid.
        figures = f"{plain(amount, invoice.currency)} {invoice.currency}"
        raise LedgerError(f"{figures} of invoice {invoice} are written off. Reverse the write-off first, then credit.")


def _write(client: Client, invoice: Invoice, found: Credit, *, reason: str, day: date, actor: Actor) -> CreditNote:
    note = CreditNote.objects.create(
        client=client,
        invoice=invoice,
        number=take_number("credit_note"),
        issued_on=day,
        currency=invoice.currency,
        reason=reason,
        net_amount=found.net,
        tax_amount=found.tax,
        total_amount=found.total,
        created_by=user_or_none(actor),
    )
    lines = credit_lines(found)
    for line in lines:
        line.credit_note = note
    CreditNoteLine.objects.bulk_create(lines)
    return note


def credit_lines(found: Credit) -> list[CreditNoteLine]:
    """The lines of the document, not written yet: also what its preview prints."""
    return [
        CreditNoteLine(
            invoice_line_id=line.line_id,
            position=n,
            description=line.description,
            quantity=line.quantity,
            tax_category=line.tax_category,
            tax_rate=line.tax_rate,
            net_amount=line.net,
            tax_amount=line.tax,
        )
        for n, line in enumerate(found.lines, start=1)
    ]


def _book(client: Client, note: CreditNote, off: Decimal, *, day: date, actor: Actor) -> None:
    rest = note.total_amount - off
    movements = [Movement(EntryKind.CREDITED, -off, invoice=note.invoice, credit_note=note)] if off else []
    if rest:
        movements.append(Movement(EntryKind.CREDITED, -rest, credit_note=note))
    post(client, movements, booked_on=day, actor=actor)
    figures = f"{plain(note.total_amount, note.currency)} {note.currency}"
    text = f"{note} over {figures} issued on {note.invoice}: {note.reason}"
    before = {"open_amount": plain(note.invoice.open_amount, note.currency)}
    after = {"open_amount": plain(note.invoice.open_amount - off, note.currency)}
    record("credit_note_issued", note, actor=actor, client_id=client.pk, text=text, before=before, after=after)


@transaction.atomic
def allocate_credit(
    credit_note_id: int, shares: Sequence[Share], *, actor: Actor, on: date | None = None
) -> list[Allocation]:
    """Allocate what a credit note has on account to invoices of its client. All or nothing.

    Undone by `receipts.undo_allocation`, as an allocation of a receipt is.
    """
    client = lock_client(CreditNote.objects.only("client_id").get(pk=credit_note_id).client_id)
    note = CreditNote.objects.get(pk=credit_note_id)
    return allocate_source(client, note, shares, on=on or localdate(), actor=actor)
