"""Reads for the pages of invoices and receipts."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from ..models import (
    Allocation,
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    NumberSeries,
    Receipt,
    SettlementItem,
    SettlementStatus,
    WriteOff,
    WriteOffStatus,
)
from ..rules.invoicing import LineAmounts
from . import search
from .clients import SEARCH_CAP, client_ids_matching
from .search import holds

STATUSES = {"open": "Open", "overdue": "Overdue", "paid": "Paid", "draft": "Draft", "void": "Void"}


def invoices_of_status(rows: QuerySet[Invoice], status: str, today: date) -> QuerySet[Invoice]:
    """Narrow to one word of STATUSES."""
    conditions = {
        "open": Q(open_amount__gt=0),
        "overdue": Q(open_amount__gt=0, due_on__lt=today),
        "paid": Q(status=InvoiceStatus.ISSUED, open_amount=0),
        "draft": Q(status=InvoiceStatus.DRAFT),
        "void": Q(status=InvoiceStatus.VOID),
    }
    return rows.filter(conditions[status])


def invoices_of_bucket(rows: QuerySet[Invoice], bucket: str, today: date) -> QuerySet[Invoice]:
    """Open items of one ageing bucket (`rules.ageing.BUCKETS`)."""
    ranges = {"current": (None, 0), "1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90), "90+": (91, None)}
    first, last = ranges[bucket]
    rows = rows.filter(open_amount__gt=0)
    if first is not None:
        rows = rows.filter(due_on__lte=today - timedelta(days=first))
    if last is not None:
        rows = rows.filter(due_on__gte=today - timedelta(days=last))
    return rows


def invoices_matching(text: str) -> Q:
    """By its number; else by the number's beginning (or the bare figure of our own series), client, else reference.

    Ids are looked up first, each on its own index.
    """
    if pk := Invoice.objects.filter(number__in={text, text.upper()}).order_by().values_list("pk", flat=True).first():
        return Q(pk=pk)
    numbers = Q(number__startswith=text) | Q(number__startswith=text.upper())
    if text.isdecimal():
        numbers |= Q(number__in=[series_number(row, int(text)) for row in NumberSeries.objects.all()])
    ids = list(Invoice.objects.filter(numbers).order_by().values_list("pk", flat=True)[:SEARCH_CAP])
    client_ids = client_ids_matching(text)
    if not ids and not client_ids:
        by_reference = Invoice.objects.filter(holds(search.REFERENCE, text)).exclude(reference="").order_by()
        ids = list(by_reference.values_list("pk", flat=True)[:SEARCH_CAP])
    return Q(pk__in=ids) | Q(client_id__in=client_ids)


def receipts_matching(text: str) -> Q:
    return Q(reference__icontains=text) | Q(client_id__in=client_ids_matching(text))


def with_settlement(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """With what `settled_word` reads: asked only for the rows that are shown."""
    of_row = {"invoice": OuterRef("pk")}
    return rows.annotate(
        was_written_off=Exists(WriteOff.objects.filter(**of_row, status=WriteOffStatus.BOOKED)),
        was_settled=Exists(SettlementItem.objects.filter(**of_row, settlement__status=SettlementStatus.PAID)),
        was_credited=Exists(CreditNote.objects.filter(**of_row)),
        was_paid=Exists(Allocation.objects.filter(**of_row, amount__gt=0, reversed_by__isnull=True)),
    )


def settled_word(invoice: Invoice) -> str:
    """How an invoice without an open amount came to that. One that `with_settlement` did not read counts as paid."""
    if getattr(invoice, "was_written_off", False):
        return "Written off"
    if getattr(invoice, "was_settled", False):
        return "Settled"
    return "Credited" if getattr(invoice, "was_credited", False) and not invoice.was_paid else "Paid"


def line_amounts(invoice: Invoice) -> list[LineAmounts]:
    return [amounts_of(line) for line in invoice.lines.all()]


def amounts_of(line: InvoiceLine) -> LineAmounts:
    return LineAmounts(
        line.quantity, line.unit_price, line.discount_percent, line.tax_rate, line.tax_category, line.kind
    )


def next_number(code: str = "invoice") -> str:
    """The number that the next document gets if nobody is faster; nothing is taken."""
    row = NumberSeries.objects.filter(code=code).first() or NumberSeries(code=code, prefix=prefix_of(code))
    return series_number(row, row.next_value)


def prefix_of(code: str) -> str:
    """How the numbers of a series begin until somebody decides otherwise."""
    return {"credit_note": "CN-", "charge": "CH-"}.get(code, "INV-")


def series_number(series: NumberSeries, value: int) -> str:
    return f"{series.prefix}{value:0{series.digits}d}"


def allocations_of(receipt: Receipt) -> QuerySet[Allocation]:
    """With `reversed_by` at hand, to say which may still be undone."""
    rows = Allocation.objects.filter(receipt=receipt).select_related(
        "invoice__client", "created_by", "reversed_by", "reverses"
    )
    return rows.order_by("pk")
