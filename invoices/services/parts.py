"""Invoices in parts: written at issue, and the oldest part that is not paid kept as the one that is due."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db.models import F

from ..models import Invoice, InvoicePart
from ..rules.schedule import Due, Schedule, current_position


def write_parts(invoice: Invoice, plan: Schedule) -> None:
    """Fix the parts of an invoice that is being issued; an invoice in one sum has none."""
    if not plan.is_split:
        return
    InvoicePart.objects.bulk_create(
        InvoicePart(invoice=invoice, position=part.position, due_on=part.due_on, amount=part.amount)
        for part in plan.parts
    )
    invoice.current_part, invoice.due_on = 1, plan.due_on
    invoice.save(update_fields=["current_part", "due_on"])


def keep_current_parts(invoice_ids: Collection[int]) -> None:
    """After money moved on these invoices in parts: which part is due, from when, and whose dunning memory counts.

    The cycle moves with the part: a part that comes up starts with a fresh memory, one that comes back finds its own.
    The caller holds the clients' locks.
    """
    rows = InvoicePart.objects.filter(invoice_id__in=invoice_ids).order_by("invoice_id", "position")
    now = ("invoice__open_amount", "invoice__current_part")
    found: dict[tuple[int, Decimal, int], list[Due]] = {}
    for pk, position, due_on, amount, *key in rows.values_list("invoice_id", "position", "due_on", "amount", *now):
        found.setdefault((pk, *key), []).append(Due(position, due_on, amount, due_on))
    for (pk, open_amount, current), parts in found.items():
        position = current_position(parts, open_amount)
        if position != current:
            moved = {"current_part": position, "due_on": parts[position - 1].due_on}
            Invoice.objects.filter(pk=pk).update(**moved, cycle=F("cycle") + (position - current))
