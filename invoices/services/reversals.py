"""Money that went back: a returned debit, a chargeback, a bounced cheque, or a receipt that never was."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import LedgerError
from ..models import Allocation, Client, EntryKind, Invoice, Receipt, ReversalReason
from ..rules.money import plain
from .audit import Actor, record
from .ledger import Movement, day_for, lock_clients, post
from .plan_returns import reopen_plans
from .receipts import follow_owners, take_back
from .transfers import return_moved


@transaction.atomic
def reverse_receipt(
    receipt_id: int,
    *,
    reason: str = "",
    kind: ReversalReason = ReversalReason.OTHER,
    actor: Actor,
    on: date | None = None,
) -> Receipt:
    """Allocations are undone, what was moved to other clients comes back, and all of it leaves. Items are open again
    with what was said about them. Raises LedgerError when it was reversed already, or was moved here.
    """
    clients = _lock_all(receipt_id)
    receipt = Receipt.objects.select_related("moved_from__client").get(pk=receipt_id)
    _check(receipt)
    on = day_for(on or localdate(), source=receipt)
    invoices = list(
        Invoice.objects.filter(allocations__receipt__in=_family(receipt_id)).select_related("client").distinct()
    )
    for moved in receipt.moved_to.filter(reversed_on__isnull=True).order_by("pk"):
        _undo_all(moved, clients, on=on, actor=actor)
        moved.refresh_from_db(fields=["unapplied_amount"])
        return_moved(moved, clients, on=on, actor=actor)
    _undo_all(receipt, clients, on=on, actor=actor)
    receipt.refresh_from_db(fields=["unapplied_amount"])  # less than the amount when some was refunded before
    client = clients[receipt.client_id]
    on = day_for(on, source=receipt)
    post(client, [Movement(EntryKind.REVERSED, receipt.unapplied_amount, receipt=receipt)], booked_on=on, actor=actor)
    Receipt.objects.filter(pk=receipt.pk).update(reversed_on=on, reversal_reason=kind)
    why = ": ".join(filter(None, [kind.label if kind != ReversalReason.OTHER or not reason else "", reason]))
    text = f"Receipt of {plain(receipt.amount, receipt.currency)} {receipt.currency} reversed: {why}"
    follow_owners(invoices, on=on, actor=actor)
    reopen_plans(invoices, on=on, actor=actor)
    record("receipt_reversed", receipt, actor=actor, client_id=client.pk, text=text)
    receipt.refresh_from_db()
    return receipt


def _check(receipt: Receipt) -> None:
    if receipt.reversed_on:
        raise LedgerError(f"Receipt {receipt} was reversed already, on {receipt.reversed_on:%d %B %Y}.")
    if receipt.moved_from:
        raise LedgerError(
            f"This money was moved here from {receipt.moved_from.client}. Move it back, or reverse the receipt there."
        )


def concerned(receipt_id: int) -> set[int]:
    """The clients whose books it is in: its own, those it was moved to, and those whose invoices it ever paid."""
    receipts = _family(receipt_id)
    ids = set(Receipt.objects.filter(pk__in=receipts).values_list("client_id", flat=True))
    return ids | set(Allocation.objects.filter(receipt__in=receipts).values_list("invoice__client_id", flat=True))


def _family(receipt_id: int) -> set[int]:
    """The receipt, and those that were made by moving some of it."""
    return {receipt_id, *Receipt.objects.filter(moved_from=receipt_id).values_list("pk", flat=True)}


def _lock_all(receipt_id: int) -> dict[int, Client]:
    clients = lock_clients(concerned(receipt_id))
    if not concerned(receipt_id) <= clients.keys():
        raise LedgerError("This receipt was given to another client at this moment. Try again.")
    return clients


def _undo_all(receipt: Receipt, clients: dict[int, Client], *, on: date, actor: Actor) -> None:
    live = receipt.allocations.filter(amount__gt=0, reversed_by__isnull=True).order_by("pk")
    for allocation in live.select_related("invoice__client", "receipt"):
        take_back(clients[receipt.client_id], allocation, on=on, actor=actor)
