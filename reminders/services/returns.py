"""Money that went back, and the person who has to do something about it."""

from __future__ import annotations

from django.db import transaction
from django.utils.timezone import localdate

from invoices.models import Allocation, Receipt, ReversalReason
from invoices.rules.money import plain
from invoices.services.audit import Actor
from invoices.services.reversals import reverse_receipt

from ..models import TaskKind
from .tasks import make_task


@transaction.atomic
def return_payment(receipt_id: int, *, kind: ReversalReason, reason: str, actor: Actor) -> Receipt:
    """Reverse a receipt, and ask for a talk with the client who paid: he may not know, and the bank's fee is his.

    A receipt that was only entered by mistake asks for nothing. Raises LedgerError as `reverse_receipt`.
    """
    live = Allocation.objects.filter(receipt=receipt_id, amount__gt=0, reversed_by=None).order_by("invoice_id")
    numbers = list(live.values_list("invoice__number", flat=True))
    receipt = reverse_receipt(receipt_id, kind=kind, reason=reason, actor=actor)
    if kind != ReversalReason.MISTAKE:
        text = f"{plain(receipt.amount, receipt.currency)} {receipt.currency} went back: {kind.label.lower()}."
        if numbers:
            text += f" Open again: {', '.join(dict.fromkeys(numbers))}."
        make_task(receipt.client_id, TaskKind.RETURNED_PAYMENT, due_on=localdate(), text=text)
    return receipt
