"""Money in: record a receipt, allocate it, undo either. What is not allocated stays on account.

A receipt pays invoices of its client, and of the clients that this one pays for (`Client.payer`). Then the pair of
entries is of two clients: minus on the invoice is of the invoice's client, plus on account is of the receipt's. So each
client's entries still sum to what is open less what is on account, and both are looked at again.
Credit notes are allocated and taken back by the same functions: see `credit_notes`. Reversal: see `reversals`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import InvalidAmount, LedgerError, WrongCurrency
from ..models import Allocation, Client, CreditNote, EntryKind, Invoice, InvoiceStatus, Receipt, ReceiptMethod
from ..rules.allocation import Share
from ..rules.money import is_whole, plain
from ..rules.reversals import reversible_until
from .audit import Actor, record, user_or_none
from .following import follow_money
from .ledger import Movement, Source, day_for, keys_of, lock_clients, post
from .plan_returns import reopen_plans
from .write_offs import write_off_small_difference


class NewReceipt(NamedTuple):
    """A receipt as entered. `fingerprint` recognises money told twice (a file row, an online payment).

    `received_amount` and `received_currency`: what came in, where the bank credited it as other money.
    """

    amount: Decimal
    currency: str
    received_on: date
    method: str = ReceiptMethod.BANK
    reference: str = ""
    fingerprint: str | None = None
    received_amount: Decimal | None = None
    received_currency: str = ""


@transaction.atomic
def record_receipt(client: Client, new: NewReceipt, *, actor: Actor, shares: Sequence[Share] = ()) -> Receipt:
    """Book money from `client`, allocating `shares` of it on the day it was received; the rest is on account.

    Raises InvalidAmount, ExceedsOpen, WrongCurrency; IntegrityError when the fingerprint is known already.
    """
    _check_new(new)
    client = lock_with_owners(client.pk, shares)
    until = reversible_until(new.method, new.received_on)
    receipt = Receipt.objects.create(client=client, reversible_until=until, **new._asdict())
    post(
        client,
        [Movement(EntryKind.RECEIVED, -new.amount, receipt=receipt)],
        booked_on=new.received_on,
        actor=actor,
    )
    text = f"Received {plain(new.amount, new.currency)} {new.currency}"
    if new.received_amount is not None:
        text += (
            f", credited by the bank for {plain(new.received_amount, new.received_currency)} {new.received_currency}"
        )
    record("receipt_recorded", receipt, actor=actor, client_id=client.pk, text=text, after={"reference": new.reference})
    if shares:
        allocate_source(client, receipt, shares, on=new.received_on, actor=actor)
    receipt.refresh_from_db(fields=["unapplied_amount"])
    return receipt


def _check_new(new: NewReceipt) -> None:
    if new.amount <= 0 or not is_whole(new.amount, new.currency):
        raise InvalidAmount(f"{new.amount} {new.currency} is not an amount that can be received.")
    if (new.received_amount is None) != (not new.received_currency) or new.received_currency == new.currency:
        raise InvalidAmount("Give what came in with its currency, and only where it is another one than credited.")
    if new.received_amount is not None and (
        new.received_amount <= 0 or not is_whole(new.received_amount, new.received_currency)
    ):
        raise InvalidAmount(f"{new.received_amount} {new.received_currency} is not an amount that can be received.")


def lock_with_owners(client_id: int, shares: Sequence[Share]) -> Client:
    """The source's client, locked together with those whose invoices the shares pay."""
    owners = Invoice.objects.filter(pk__in=[share.invoice_id for share in shares]).values_list("client_id", flat=True)
    return lock_clients({client_id, *owners})[client_id]


@transaction.atomic
def allocate(receipt_id: int, shares: Sequence[Share], *, actor: Actor, on: date | None = None) -> list[Allocation]:
    """Allocate parts of a receipt to invoices of its client, or of those it pays for. All or nothing."""
    client = lock_with_owners(Receipt.objects.only("client_id").get(pk=receipt_id).client_id, shares)
    receipt = Receipt.objects.get(pk=receipt_id)
    return allocate_source(client, receipt, shares, on=on or localdate(), actor=actor)


def allocate_source(
    client: Client, source: Source, shares: Sequence[Share], *, on: date, actor: Actor
) -> list[Allocation]:
    """Parts of a receipt or credit note to invoices. The caller holds the locks of `lock_with_owners`."""
    rows = Invoice.objects.filter(pk__in=[share.invoice_id for share in shares]).select_related("client")
    invoices = {invoice.pk: invoice for invoice in rows}
    allocations = []
    for share in shares:
        invoice = invoices.get(share.invoice_id)
        _check_share(source, invoice, share)
        allocations.append(_allocate_one(client, source, invoice, share.amount, on=on, actor=actor))
    follow_owners(invoices.values(), on=on, actor=actor)
    rests = [share.invoice_id for share in shares if share.writes_off_rest]
    # A discount that this money earned may have closed the item already.
    for pk in Invoice.objects.filter(pk__in=rests, open_amount__gt=0).order_by("pk").values_list("pk", flat=True):
        write_off_small_difference(pk, actor=actor, on=on)
    return allocations


def follow_owners(invoices: Iterable[Invoice], *, on: date, actor: Actor) -> None:
    """What follows from money that moved on invoices, which may be of several clients (all locked)."""
    owners: dict[int, list[Invoice]] = {}
    for invoice in invoices:
        owners.setdefault(invoice.client_id, []).append(invoice)
    for _, own in sorted(owners.items()):
        follow_money(own[0].client, own, on=on, actor=actor)


def _check_share(source: Source, invoice: Invoice | None, share: Share) -> None:
    what = "credit note" if isinstance(source, CreditNote) else "receipt"
    if invoice is None or not _may_pay(source, invoice):
        raise LedgerError(f"This invoice belongs to another client; transfer the {what} first.")
    if invoice.status != InvoiceStatus.ISSUED:
        raise LedgerError(f"Invoice {invoice} is {invoice.get_status_display().lower()} and owes nothing.")
    if invoice.currency != source.currency:
        raise WrongCurrency(f"The {what} is in {source.currency}, invoice {invoice} in {invoice.currency}.")
    if share.amount <= 0 or not is_whole(share.amount, source.currency):
        raise InvalidAmount(f"{share.amount} {source.currency} is not an amount that can be allocated.")


def _may_pay(source: Source, invoice: Invoice) -> bool:
    """Its own client's; and money, unlike a credit, those of the clients that its client pays for."""
    is_payer = isinstance(source, Receipt) and invoice.client.payer_id == source.client_id
    return invoice.client_id == source.client_id or is_payer


def _allocate_one(
    client: Client, source: Source, invoice: Invoice, amount: Decimal, *, on: date, actor: Actor
) -> Allocation:
    # An invoice issued after the money came in is paid on its issue date, not before it existed; nor before the money.
    on = day_for(on, invoice=invoice, source=source)
    keys = keys_of(source)
    allocation = Allocation.objects.create(
        **keys, invoice=invoice, amount=amount, allocated_on=on, created_by=user_or_none(actor)
    )
    paid = Movement(EntryKind.ALLOCATED, -amount, invoice=invoice, allocation_id=allocation.pk, **keys)
    used = Movement(EntryKind.ALLOCATED, amount, allocation_id=allocation.pk, **keys)
    _post_pair(client, [paid, used], booked_on=on, actor=actor)
    figures = f"{plain(amount, invoice.currency)} {invoice.currency}"
    if isinstance(source, CreditNote):
        text = f"{figures} of {source} allocated to {invoice}"
        record("credit_allocated", allocation, actor=actor, client_id=client.pk, text=text)
        return allocation
    _tell_both(allocation, "receipt_allocated", f"{figures} allocated to {invoice}", client=client, actor=actor)
    return allocation


def _post_pair(client: Client, pair: Sequence[Movement], *, booked_on: date, actor: Actor) -> None:
    """Each entry is of the client whose document it moves: the invoice's, or the source's (`client`)."""
    owner = next(m.invoice.client for m in pair if m.invoice)
    if owner.pk == client.pk:
        post(client, pair, booked_on=booked_on, actor=actor)
        return
    for movement in pair:
        post(owner if movement.invoice else client, [movement], booked_on=booked_on, actor=actor)


def _tell_both(allocation: Allocation, verb: str, text: str, *, client: Client, actor: Actor) -> None:
    """On the timeline of who paid, and of whose invoice it is, where these are two."""
    owner = allocation.invoice.client
    if owner.pk != client.pk:
        record(verb, allocation, actor=actor, client_id=owner.pk, text=f"{text}, paid by {client}")
        text = f"{text} of {owner}"
    record(verb, allocation, actor=actor, client_id=client.pk, text=text)


@transaction.atomic
def undo_allocation(allocation_id: int, *, actor: Actor, on: date | None = None) -> Allocation:
    """Take an allocation of a receipt or credit note back by a second row: the invoice is open again, the money on
    account. Twice is refused.
    """
    found = allocation_at(allocation_id)
    client_id = (found.receipt or found.credit_note).client_id
    client = lock_clients({client_id, found.invoice.client_id})[client_id]
    if found.amount < 0 or Allocation.objects.filter(reverses=found).exists():
        raise LedgerError("This allocation was undone already.")
    undo = take_back(client, found, on=on or localdate(), actor=actor)
    follow_owners([found.invoice], on=undo.allocated_on, actor=actor)
    reopen_plans([found.invoice], on=undo.allocated_on, actor=actor)
    return undo


def allocation_at(allocation_id: int) -> Allocation:
    return Allocation.objects.select_related("receipt", "credit_note", "invoice__client").get(pk=allocation_id)


def take_back(client: Client, found: Allocation, *, on: date, actor: Actor) -> Allocation:
    """Undo a live allocation. The caller holds the locks of its source's client (`client`) and its invoice's, and
    calls `follow_owners` afterwards.
    """
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
    free = Movement(EntryKind.UNALLOCATED, -found.amount, allocation_id=undo.pk, **keys)
    owed = Movement(EntryKind.UNALLOCATED, found.amount, invoice=found.invoice, allocation_id=undo.pk, **keys)
    _post_pair(client, [free, owed], booked_on=on, actor=actor)
    text = f"Allocation of {plain(found.amount, found.invoice.currency)} to {found.invoice} undone"
    _tell_both(undo, "allocation_undone", text, client=client, actor=actor)
    return undo
