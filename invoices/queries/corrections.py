"""Credit notes, write-offs and refunds recomputed: each document against its entries, and against its invoice."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Round

from ..models import CreditNote, CreditNoteLine, Entry, EntryKind, Invoice, WriteOff, WriteOffStatus
from ..rules.money import ZERO
from .differences import Difference

AMOUNT: DecimalField[Any, Any] = DecimalField(max_digits=18, decimal_places=3)


def correction_differences() -> Iterator[Difference]:
    yield from _credit_notes()
    yield from _credited_invoices()
    yield from _write_offs()


def subtotal(rows: QuerySet[Any], owner: str, column: str = "amount") -> Coalesce:
    """The rows of one owner, summed; rounded, since SQLite sums in floating point."""
    own = rows.filter(**{owner: OuterRef("pk")}).order_by().values(owner)
    found = Subquery(own.annotate(sum=Round(Sum(column), precision=3)).values("sum"), output_field=AMOUNT)
    return Coalesce(found, ZERO, output_field=AMOUNT)


def _credit_notes() -> Iterator[Difference]:
    """Booked once and in whole; the total of net and tax; the lines sum to both."""
    credited = Entry.objects.filter(kind=EntryKind.CREDITED)
    rows = CreditNote.objects.annotate(
        booked=subtotal(credited, "credit_note"),
        line_net=subtotal(CreditNoteLine.objects.all(), "credit_note", "net_amount"),
        line_tax=subtotal(CreditNoteLine.objects.all(), "credit_note", "tax_amount"),
        parts=Round(F("net_amount") + F("tax_amount"), precision=3),
    )
    wrong = ~Q(booked=-F("total_amount")) | ~Q(line_net=F("net_amount")) | ~Q(line_tax=F("tax_amount"))
    for note in rows.filter(wrong | ~Q(parts=F("total_amount"))).iterator(1000):
        yield from unequal(f"Credit note {note.number}, total of its entries", note.total_amount, -note.booked)
        yield from unequal(f"Credit note {note.number}, net of its lines", note.net_amount, note.line_net)
        yield from unequal(f"Credit note {note.number}, tax of its lines", note.tax_amount, note.line_tax)
        yield from unequal(f"Credit note {note.number}, total of net and tax", note.total_amount, note.parts)


def _credited_invoices() -> Iterator[Difference]:
    """No invoice is credited above its total; a credit note is of its invoice's client and currency."""
    notes = CreditNote.objects.all()
    credited = Invoice.objects.filter(credit_notes__isnull=False).distinct()
    over = credited.annotate(credited=subtotal(notes, "invoice", "total_amount")).filter(credited__gt=F("total_amount"))
    for number, total, amount in over.values_list("number", "total_amount", "credited"):
        yield Difference(f"Invoice {number}, credited above its total", total, amount)
    strange = notes.exclude(client=F("invoice__client"), currency=F("invoice__currency"))
    for number in strange.values_list("number", flat=True):
        yield Difference(f"Credit note {number} is of another client or currency than its invoice.", None, None)


def _write_offs() -> Iterator[Difference]:
    """A booked loss took its amount off; what came back was booked back. Others moved nothing."""
    rows = WriteOff.objects.annotate(
        lost=subtotal(Entry.objects.filter(kind=EntryKind.WRITTEN_OFF), "write_off"),
        back=subtotal(Entry.objects.filter(kind=EntryKind.RECOVERED), "write_off"),
    )
    for loss in rows.select_related("invoice").iterator(1000):
        was_booked = loss.status in (WriteOffStatus.BOOKED, WriteOffStatus.REVERSED)
        back = loss.amount if loss.status == WriteOffStatus.REVERSED else loss.recovered_amount
        name = f"Write-off {loss.pk} on invoice {loss.invoice}"
        yield from unequal(f"{name}, entries", loss.amount if was_booked else ZERO, -loss.lost)
        yield from unequal(f"{name}, recovered", back if was_booked else ZERO, loss.back)


def unequal(what: str, stored: Decimal, computed: Decimal) -> Iterator[Difference]:
    if stored != computed:
        yield Difference(what, stored, computed.quantize(Decimal("0.001")))
