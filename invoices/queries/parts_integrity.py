"""Recompute which part of an invoice in parts is due, and name each difference."""

from __future__ import annotations

from collections.abc import Iterator

from ..models import Invoice, InvoicePart
from ..rules.money import ZERO
from ..rules.schedule import current_position
from .differences import Difference
from .schedules import parts_of

CHUNK = 1000


def part_differences() -> Iterator[Difference]:
    """Parts that miss their total; a wrong current part or due date; parts of an invoice that knows of none."""
    with_parts = Invoice.objects.filter(pk__in=InvoicePart.objects.values("invoice_id")).order_by("pk")
    ids = list(with_parts.values_list("pk", flat=True))
    for n in range(0, len(ids), CHUNK):
        yield from _of_some(ids[n : n + CHUNK])
    bare = Invoice.objects.filter(current_part__gt=0).exclude(pk__in=InvoicePart.objects.values("invoice_id"))
    for number in bare.values_list("number", flat=True).iterator(5000):
        yield Difference(f"Invoice {number} is said to be due in parts but has none.", None, None)


def _of_some(ids: list[int]) -> Iterator[Difference]:
    parts = parts_of(ids)
    rows = Invoice.objects.filter(pk__in=ids).order_by("pk")
    for pk, number, total, left, current, due_on in rows.values_list(
        "pk", "number", "total_amount", "open_amount", "current_part", "due_on"
    ):
        whole = sum((part.amount for part in parts[pk]), ZERO)
        if whole != total:
            yield Difference(f"Invoice {number}, total against the sum of its parts", total, whole)
            continue
        position = current_position(parts[pk], left)
        wanted = parts[pk][position - 1].due_on
        if current != position:
            yield Difference(
                f"Invoice {number} stands at part {current}; by what is paid it is part {position}.", None, None
            )
        elif due_on != wanted:
            text = f"Invoice {number} is due on {due_on}, its part {position} on {wanted}."
            yield Difference(text, None, None)
