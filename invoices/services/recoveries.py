"""Money that comes after a write-off: the loss shrinks by as much, and the receipt pays the invoice as any other."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate

from ..errors import ExceedsOpen, InvalidAmount, LedgerError
from ..models import Allocation, EntryKind, Invoice, Receipt, WriteOff
from ..queries.write_offs import living_claims
from ..rules.allocation import Share
from ..rules.money import is_whole, plain
from .audit import Actor, record
from .ledger import Movement, day_for, lock_client, post
from .receipts import allocate_source


@transaction.atomic
def recover(invoice_id: int, *, receipt_id: int, amount: Decimal, actor: Actor, on: date | None = None) -> Allocation:
    """Money for a written-off invoice whose claim lives: the loss shrinks by it, and the receipt pays the invoice."""
    client = lock_client(Invoice.objects.only("client_id").get(pk=invoice_id).client_id)
    invoice = Invoice.objects.get(pk=invoice_id)
    receipt = Receipt.objects.get(pk=receipt_id)
    if receipt.client_id != client.pk:
        raise LedgerError(f"Invoice {invoice} belongs to another client; transfer the receipt first.")
    if amount <= 0 or not is_whole(amount, invoice.currency):
        raise InvalidAmount(f"{amount} {invoice.currency} is not an amount that can be recovered.")
    alive = living_claims().filter(invoice=invoice).order_by("pk")
    left, movements = amount, []
    # Not before the loss, and not before the money: between, the invoice would show as open.
    on = day_for(on or localdate(), invoice=invoice, source=receipt)
    for loss in alive:
        part = min(left, loss.unrecovered_amount)
        if part > 0:
            movements.append(Movement(EntryKind.RECOVERED, part, invoice=invoice, write_off=loss))
            WriteOff.objects.filter(pk=loss.pk).update(recovered_amount=F("recovered_amount") + part)
            left, on = left - part, max(on, loss.decided_on or loss.asked_on)
    if left:
        most = f"{plain(amount - left, invoice.currency)} {invoice.currency}"
        raise ExceedsOpen(f"{most} can be recovered on invoice {invoice}; {plain(amount, invoice.currency)} is more.")
    post(client, movements, booked_on=on, actor=actor)
    text = f"{plain(amount, invoice.currency)} {invoice.currency} of the loss on {invoice} recovered"
    record("write_off_recovered", invoice, actor=actor, client_id=client.pk, text=text)
    invoice.refresh_from_db()
    return allocate_source(client, receipt, [Share(invoice.pk, amount)], on=on, actor=actor)[0]
