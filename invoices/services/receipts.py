"""Money in: record a receipt, allocate it, undo either. What is not allocated stays on account.

Credit notes are allocated and taken back by the same functions: see `credit_notes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import InvalidAmount, LedgerError, WrongCurrency
from ..models import Allocation, Client, CreditNote, EntryKind, Invoice, InvoiceStatus, Receipt, ReceiptMethod
from ..rules.allocation import Share
from ..rules.money import is_whole, plain
from .audit import Actor, record, user_or_none
from .ledger import Movement, Source, day_for, keys_of, lock_client, post


class NewReceipt(NamedTuple):
    """A receipt as entered. `fingerprint` recognises money told twice (a file row, an online payment)."""

    amount: Decimal
    currency: str
    received_on: date
    method: str = ReceiptMethod.BANK
    reference: str = ""
    fingerprint: str | None = None


@transaction.atomic
def record_receipt(client: Client, new: NewReceipt, *, actor: Actor, shares: Sequence[Share] = ()) -> Receipt:
    """Book money from `client`, allocating `shares` of it on the day it was received; the rest is on account.

    Raises InvalidAmount, ExceedsOpen, WrongCurrency; IntegrityError when the fingerprint is known already.
    """
    if new.amount <= 0 or not is_whole(new.amount, new.currency):
        raise InvalidAmount(f"{new.amount} {new.currency} is not an amount that can be received.")
    client = lock_client(client.pk)
    receipt = Receipt.objects.create(client=client, **new._asdict())
    post(
        client,
        [Movement(EntryKind.RECEIVED, -new.amount, receipt=receipt)],
        booked_on=new.received_on,
        actor=actor,
    )
    text = f"Received {plain(new.amount, new.currency)} {new.currency}"
    record("receipt_recorded", receipt, actor=actor, client_id=client.pk, text=text, after={"reference": new.reference})
    if shares:
        allocate_source(client, receipt, shares, on=new.received_on, actor=actor)
    receipt.refresh_from_db(fields=["unapplied_amount"])
    return receipt


@transaction.atomic
def allocate(receipt_id: int, shares: Sequence[Share], *, actor: Actor, on: date | None = None) -> list[Allocation]:
    """Allocate parts of a receipt to invoices of its client. All or nothing."""
    client = lock_client(Receipt.objects.only("client_id").get(pk=receipt_id).client_id)
    receipt = Receipt.objects.get(pk=receipt_id)
    return allocate_source(client, receipt, shares, on=on or localdate(), actor=actor)


def allocate_source(
    client: Client, source: Source, shares: Sequence[Share], *, on: date, actor: Actor
) -> list[Allocation]:
    """Parts of a receipt or credit note to invoices. The caller holds `lock_client(client.pk)`."""
    invoices = {i.pk: i for i in Invoice.objects.filter(client=client, pk__in=[s.invoice_id for s in shares])}
    allocations = []
    for share in shares:
        invoice = invoices.get(share.invoice_id)
        _check_share(source, invoice, share)
        allocations.append(_allocate_one(client, source, invoice, share.amount, on=on, actor=actor))
    return allocations


def _check_share(source: Source, invoice: Invoice | None, share: Share) -> None:
    what = "credit note" if isinstance(source, CreditNote) else "receipt"
    if invoice is None:
        raise LedgerError(f"This invoice belongs to another client; transfer the {what} first.")
    if invoice.status != InvoiceStatus.ISSUED:
        raise LedgerError(f"Invoice {invoice} is {invoice.get_status_display().lower()} and owes nothing.")
    if invoice.currency != source.currency:
        raise WrongCurrency(f"The {what} is in {source.currency}, invoice {invoice} in {invoice.currency}.")
    if share.amount <= 0 or not is_whole(share.amount, source.currency):
        raise InvalidAmount(f"{share.amount} {source.currency} is not an amount that can be allocated.")


def _allocate_one(
    client: Client, source: Source, invoice: Invoice, amount: Decimal, *, on: date, actor: Actor
) -> Allocation:
    # An invoice issued after the money came in is paid on its issue date, not before it existed; nor before the money.
    on = day_for(on, invoice=invoice, source=source)
    keys = keys_of(source)
    allocation = Allocation.objects.create(
        **keys, invoice=invoice, amount=amount, allocated_on=on, created_by=user_or_none(actor)
    )
    post(
        client,
        [
            Movement(EntryKind.ALLOCATED, -amount, invoice=invoice, allocation_id=allocation.pk, **keys),
            Movement(EntryKind.ALLOCATED, amount, allocation_id=allocation.pk, **keys),
        ],
        booked_on=on,
        actor=actor,
    )
    text = f"{plain(amount, invoice.currency)} {invoice.currency} allocated to {invoice}"
    if isinstance(source, CreditNote):
        text = f"{plain(amount, invoice.currency)} {invoice.currency} of {source} allocated to {invoice}"
    verb = "credit_allocated" if isinstance(source, CreditNote) else "receipt_allocated"
    record(verb, allocation, actor=actor, client_id=client.pk, text=text)
    return allocation


@transaction.atomic
def undo_allocation(allocation_id: int, *, actor: Actor, on: date | None = None) -> Allocation:
    """Take an allocation of a receipt or credit note back by a second row: the invoice is open again, the money on
    account. Twice is refused.
    """
    found = Allocation.objects.select_related("receipt", "credit_note", "invoice").get(pk=allocation_id)
    client = lock_client(found.invoice.client_id)
    if found.amount < 0 or Allocation.objects.filter(reverses=found).exists():
        raise LedgerError("This allocation was undone already.")
    return _undo(client, found, on=on or localdate(), actor=actor)


def _undo(client: Client, found: Allocation, *, on: date, actor: Actor) -> Allocation:
    on = max(on, found.allocated_on)  # not before it was made
    keys = keys_of(found.receipt or found.credit_note)
    undo = Allocation.objects.create(
        **keys,
        invoice=found.invoice,
        amount=-found.amount,
        allocated_on=on,
        reverses=found,
        created_by=user_or_none(actor),
    )
    post(
        client,
        [
            Movement(EntryKind.UNALLOCATED, -found.amount, allocation_id=undo.pk, **keys),
            Movement(EntryKind.UNALLOCATED, found.amount, invoice=found.invoice, allocation_id=undo.pk, **keys),
        ],
        booked_on=on,
        actor=actor,
    )
    text = f"Allocation of {plain(found.amount, found.invoice.currency)} to {found.invoice} undone"
    record("allocation_undone", undo, actor=actor, client_id=client.pk, text=text)
    return undo


@transaction.atomic
def reverse_receipt(receipt_id: int, *, reason: str, actor: Actor, on: date | None = None) -> Receipt:
    """The money went back (bounced debit, entered by mistake): allocations are undone, items are open again."""
    client = lock_client(Receipt.objects.only("client_id").get(pk=receipt_id).client_id)
    receipt = Receipt.objects.get(pk=receipt_id)
    on = day_for(on or localdate(), source=receipt)
    if receipt.reversed_on:
        raise LedgerError(f"Receipt {receipt} was reversed already, on {receipt.reversed_on:%d %B %Y}.")
    live = receipt.allocations.filter(amount__gt=0, reversed_by__isnull=True).select_related("invoice", "receipt")
    for allocation in live:
        _undo(client, allocation, on=on, actor=actor)
    receipt.refresh_from_db(fields=["unapplied_amount"])  # less than the amount when some was refunded before
    post(client, [Movement(EntryKind.REVERSED, receipt.unapplied_amount, receipt=receipt)], booked_on=on, actor=actor)
    Receipt.objects.filter(pk=receipt.pk).update(reversed_on=on)
    text = f"Receipt of {plain(receipt.amount, receipt.currency)} {receipt.currency} reversed: {reason}"
    record("receipt_reversed", receipt, actor=actor, client_id=client.pk, text=text)
    receipt.refresh_from_db()
    return receipt
