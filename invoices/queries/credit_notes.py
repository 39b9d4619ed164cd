"""Reads for crediting: what is left of an invoice, and what its credit notes say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from ..models import (
    Allocation,
    CreditNote,
    CreditNoteLine,
    Entry,
    EntryKind,
    Invoice,
    InvoiceLine,
    LineKind,
    NumberSeries,
)
from ..rules.crediting import Creditable, LineLeft, RateLeft
from ..rules.invoicing import TaxLine, tax_lines
from ..rules.money import ZERO, quantise
from .clients import client_ids_matching
from .documents import line_amounts, series_number


def creditable(invoice: Invoice) -> Creditable:
    """What the credit notes so far have left of the invoice, by line, piece, and tax category and rate."""
    lines = list(invoice.lines.all())
    credited = list(CreditNoteLine.objects.filter(credit_note__invoice=invoice))
    if not lines:  # taken over from another program: one sum
        net = invoice.net_amount - sum((one.net_amount for one in credited), ZERO)
        left = [LineLeft(None, f"Invoice {invoice.number}", ZERO, net)]
        rates = [RateLeft(ZERO, invoice.net_amount, invoice.tax_amount)]
    else:
        left = [_line_left(line, [one for one in credited if one.invoice_line_id == line.pk]) for line in lines]
        taxes = tax_lines(line_amounts(invoice), invoice.currency)
        rates = [RateLeft(tax.rate, tax.base, tax.tax, tax.category) for tax in taxes]
    return Creditable(invoice.number or "", invoice.currency, left, _less(rates, credited))


def _line_left(line: InvoiceLine, credited: Sequence[CreditNoteLine]) -> LineLeft:
    net = line.net_amount - sum((one.net_amount for one in credited), ZERO)
    pieces = line.quantity - sum((one.quantity or ZERO for one in credited), ZERO)
    counted = pieces if line.kind == LineKind.LINE and pieces > ZERO and net else None
    return LineLeft(line.pk, line.description, line.tax_rate, net, line.tax_category, counted, line.kind, line.unit)


def _less(rates: Sequence[RateLeft], credited: Sequence[CreditNoteLine]) -> list[RateLeft]:
    return [
        rate._replace(
            net=rate.net - sum((one.net_amount for one in credited if _tax_of(one) == rate.key), ZERO),
            tax=rate.tax - sum((one.tax_amount for one in credited if _tax_of(one) == rate.key), ZERO),
        )
        for rate in rates
    ]


def _tax_of(line: CreditNoteLine) -> tuple[str, Decimal]:
    return line.tax_category, line.tax_rate


def credited_amount(invoice: Invoice) -> Decimal:
    """With tax, by all credit notes on the invoice."""
    total = invoice.credit_notes.aggregate(sum=Sum("total_amount"))["sum"]
    return quantise(total or ZERO, invoice.currency)


def taken_off_invoice(note: CreditNote) -> Decimal:
    """How much of the note its own invoice took at issue; the rest went on account."""
    booked = Entry.objects.filter(credit_note=note, kind=EntryKind.CREDITED, invoice__isnull=False)
    return -quantise(booked.aggregate(sum=Sum("amount"))["sum"] or ZERO, note.currency)


def taxes_of(note: CreditNote) -> list[TaxLine]:
    """Base and tax of each category and rate, as credited."""
    return taxes_of_lines(note.lines.all())


def taxes_of_lines(lines: Iterable[CreditNoteLine]) -> list[TaxLine]:
    found: dict[tuple[Decimal, str], TaxLine] = {}
    for line in lines:
        key = (line.tax_rate, line.tax_category)
        one = found.get(key, TaxLine(line.tax_rate, ZERO, ZERO, line.tax_category))
        found[key] = one._replace(base=one.base + line.net_amount, tax=one.tax + line.tax_amount)
    return [found[key] for key in sorted(found)]


def credit_notes_matching(text: str) -> Q:
    """By number (its beginning, or the bare figure), the invoice's number, or the client."""
    numbers = Q(number__istartswith=text) | Q(invoice__number__istartswith=text)
    if text.isdecimal() and (series := NumberSeries.objects.filter(code="credit_note").first()):
        numbers |= Q(number=series_number(series, int(text)))
    return numbers | Q(client_id__in=client_ids_matching(text))


def allocations_of_note(note: CreditNote) -> QuerySet[Allocation]:
    """With `reversed_by` at hand, to say which may still be undone."""
    rows = Allocation.objects.filter(credit_note=note)
    return rows.select_related("invoice", "created_by", "reversed_by", "reverses").order_by("pk")
