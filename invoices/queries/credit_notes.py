"""Reads for crediting: what is left of an invoice, and what its credit notes say."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from ..models import Allocation, CreditNote, CreditNoteLine, Entry, EntryKind, Invoice, NumberSeries
from ..rules.crediting import Creditable, LineLeft, RateLeft
from ..rules.invoicing import LineAmounts, tax_by_rate
from ..rules.money import ZERO, quantise
from .clients import client_ids_matching
from .documents import TaxLine, series_number


def creditable(invoice: Invoice) -> Creditable:
    """What the credit notes so far have left of the invoice, by line and by tax rate."""
    lines = list(invoice.lines.all())
    credited = list(CreditNoteLine.objects.filter(credit_note__invoice=invoice))
    by_line: dict[int | None, Decimal] = {}
    for line in credited:
        by_line[line.invoice_line_id] = by_line.get(line.invoice_line_id, ZERO) + line.net_amount
    if not lines:  # taken over from another program: one sum
        left = [LineLeft(None, f"Invoice {invoice.number}", ZERO, invoice.net_amount - by_line.get(None, ZERO))]
        rates = [RateLeft(ZERO, invoice.net_amount, invoice.tax_amount)]
    else:
        left = [
            LineLeft(line.pk, line.description, line.tax_rate, line.net_amount - by_line.get(line.pk, ZERO))
            for line in lines
        ]
        rates = _rates(lines, invoice.currency)
    return Creditable(invoice.number or "", invoice.currency, left, _less(rates, credited))


def _rates(lines: Sequence[Any], currency: str) -> list[RateLeft]:
    amounts = [LineAmounts(one.quantity, one.unit_price, one.discount_percent, one.tax_rate) for one in lines]
    taxes = tax_by_rate(amounts, currency)
    return [
        RateLeft(rate, sum((one.net_amount for one in lines if one.tax_rate == rate), ZERO), tax)
        for rate, tax in taxes.items()
    ]


def _less(rates: Sequence[RateLeft], credited: Sequence[CreditNoteLine]) -> list[RateLeft]:
    return [
        RateLeft(
            rate.tax_rate,
            rate.net - sum((one.net_amount for one in credited if one.tax_rate == rate.tax_rate), ZERO),
            rate.tax - sum((one.tax_amount for one in credited if one.tax_rate == rate.tax_rate), ZERO),
        )
        for rate in rates
    ]


def credited_amount(invoice: Invoice) -> Decimal:
    """With tax, by all credit notes on the invoice."""
    total = invoice.credit_notes.aggregate(sum=Sum("total_amount"))["sum"]
    return quantise(total or ZERO, invoice.currency)


def taken_off_invoice(note: CreditNote) -> Decimal:
    """How much of the note its own invoice took at issue; the rest went on account."""
    booked = Entry.objects.filter(credit_note=note, kind=EntryKind.CREDITED, invoice__isnull=False)
    return -quantise(booked.aggregate(sum=Sum("amount"))["sum"] or ZERO, note.currency)


def taxes_of(note: CreditNote) -> list[TaxLine]:
    """Base and tax of each rate, as credited."""
    lines = list(note.lines.all())
    return [
        TaxLine(
            rate,
            sum((line.net_amount for line in lines if line.tax_rate == rate), ZERO),
            sum((line.tax_amount for line in lines if line.tax_rate == rate), ZERO),
        )
        for rate in sorted({line.tax_rate for line in lines})
    ]


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
