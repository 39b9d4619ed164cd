"""Money on account that belongs to another client: moved there with a reason, and moved back.

Both receipts get an entry on one day: plus on the receipt it leaves, minus on a new receipt (method `transfer`) of the
other client, so that each client's books balance by themselves. Money is moved once: what was moved here goes on
from where it came in.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import ExceedsOpen, InvalidAmount, LedgerError
from ..models import Client, EntryKind, Payment, Receipt, ReceiptMethod
from ..rules.money import is_whole, plain
from .audit import Actor, record
from .ledger import Movement, day_for, lock_clients, post


class NewTransfer(NamedTuple):
    client_id: int
    amount: Decimal
    reason: str


@transaction.atomic
def move_receipt(receipt_id: int, new: NewTransfer, *, actor: Actor, on: date | None = None) -> Receipt:
    """Move part of what a receipt has on account to another client; the new receipt there.

    It counts as received when it came in. Raises InvalidAmount, ExceedsOpen; LedgerError for money that was moved here
    or came in online, without a reason, and to the same client.
    """
    found = Receipt.objects.only("client_id").get(pk=receipt_id)
    clients = lock_clients({found.client_id, new.client_id})
    receipt = Receipt.objects.select_related("moved_from__client").get(pk=receipt_id)
    _check(receipt, new)
    on = day_for(on or localdate(), source=receipt)
    moved = Receipt.objects.create(
        client=clients[new.client_id],
        received_on=receipt.received_on,
        amount=new.amount,
        currency=receipt.currency,
        method=ReceiptMethod.TRANSFER,
        reference=receipt.reference,
        reversible_until=receipt.reversible_until,
        moved_from=receipt,
    )
    _post_both(receipt, moved, new.amount, clients, on=on, actor=actor)
    _tell_both(receipt, moved, "receipt_moved", f"moved: {new.reason.strip()}", clients, actor=actor)
    moved.refresh_from_db(fields=["unapplied_amount"])
    return moved


def _check(receipt: Receipt, new: NewTransfer) -> None:
    if new.client_id == receipt.client_id:
        raise LedgerError("This is the client that the money is with already. Choose another one.")
    if not new.reason.strip():
        raise LedgerError("A transfer needs a reason: it stands in the history of both clients.")
    if receipt.moved_from:
        source = receipt.moved_from
        raise LedgerError(f"This was moved here from {source.client}. Move it back, then move it on from there.")
    if Payment.objects.filter(receipt=receipt).exists():
        raise LedgerError("This came in online, and the card processor may take it back here. Refund it there instead.")
    if not new.amount.is_finite() or new.amount <= 0 or not is_whole(new.amount, receipt.currency):
        raise InvalidAmount(f"{new.amount} is not an amount in {receipt.currency}; enter one above 0.")
    if new.amount > receipt.unapplied_amount:
        left = f"{plain(receipt.unapplied_amount, receipt.currency)} {receipt.currency}"
        raise ExceedsOpen(f"{left} is on account, so not more than that can be moved.")


@transaction.atomic
def move_back(receipt_id: int, *, actor: Actor, on: date | None = None) -> Receipt:
    """Undo a transfer, by the receipt it made. Raises LedgerError while some of it is used, or when it was undone."""
    found = Receipt.objects.select_related("moved_from").get(pk=receipt_id)
    if found.moved_from is None:
        raise LedgerError("This receipt was not moved here from another client.")
    clients = lock_clients({found.client_id, found.moved_from.client_id})
    moved = Receipt.objects.select_related("moved_from").get(pk=receipt_id)
    if moved.reversed_on:
        raise LedgerError(f"This was moved back already, on {moved.reversed_on:%d %B %Y}.")
    if moved.unapplied_amount < moved.amount:
        used = f"{plain(moved.amount - moved.unapplied_amount, moved.currency)} {moved.currency}"
        raise LedgerError(f"{used} of it is allocated or refunded. Undo that first.")
    return_moved(moved, clients, on=on or localdate(), actor=actor)
    moved.refresh_from_db()
    return moved


def return_moved(moved: Receipt, clients: dict[int, Client], *, on: date, actor: Actor) -> None:
    """What a transfer still has on account goes back to the receipt it came from. The caller holds both locks."""
    on = day_for(on, source=moved)
    if moved.unapplied_amount:
        _post_both(moved, moved.moved_from, moved.unapplied_amount, clients, on=on, actor=actor)
    Receipt.objects.filter(pk=moved.pk).update(reversed_on=on)
    _tell_both(moved, moved.moved_from, "receipt_moved_back", "moved back", clients, actor=actor)


def _post_both(
    source: Receipt, target: Receipt, amount: Decimal, clients: dict[int, Client], *, on: date, actor: Actor
) -> None:
    for receipt, part in ((source, amount), (target, -amount)):
        movement = Movement(EntryKind.MOVED, part, receipt=receipt)
        post(clients[receipt.client_id], [movement], booked_on=on, actor=actor)


def _tell_both(
    source: Receipt, target: Receipt, verb: str, text: str, clients: dict[int, Client], *, actor: Actor
) -> None:
    giver, taker = clients[source.client_id], clients[target.client_id]
    moved = source if source.moved_from_id else target
    figures = f"{plain(moved.amount, moved.currency)} {moved.currency}"
    for receipt, where in ((source, f"to {taker}"), (target, f"from {giver}")):
        words = f"{figures} {where} {text}"
        record(verb, receipt, actor=actor, client_id=receipt.client_id, text=words)
