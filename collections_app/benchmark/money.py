"""Receipts allocated oldest first, and invoices as PDF on all cores: through the product's own services."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from multiprocessing import get_context

import django
from django.db import connection, transaction

from invoices.models import Client, Invoice, InvoiceLine
from invoices.queries.payables import payables
from invoices.rules.allocation import Money, Share, oldest_first
from invoices.rules.money import split
from invoices.services.documents import invoice_pdf
from invoices.services.receipts import NewReceipt, record_receipt

from .ledger import insert
from .measure import Figures, measured, plain_sql
from .size import Size

LINE_FIELDS = ("invoice_id", "position", "description", "quantity", "unit_price", "net_amount")
LINES = 5


def receipts(size: Size) -> Figures:
    """One receipt from each of the first clients, over the oldest invoice and half of the next."""
    count = min(10_000, max(1, size.invoices // 10))
    sql = plain_sql("SELECT MAX(client_id), SUM(open_amount) FROM invoices_invoice WHERE open_amount > 0")
    ids = list(Client.objects.order_by("pk").values_list("pk", flat=True)[:count])
    shares: list[Share] = []

    def work() -> None:
        for n in range(count):
            shares.extend(_receive(Client.objects.get(pk=ids[n % len(ids)]), size))

    figures = measured("receipts", "", work, sql)
    figures.what = f"{count:,} receipts allocated oldest first to {len(shares):,} invoices"
    return figures


def _receive(client: Client, size: Size) -> Sequence[Share]:
    items = payables([client.pk], client.currency)
    amount = sum((item.open_amount for item in items[:1]), Decimal(0)) + split_half(items[1:2], client.currency)
    if not amount:
        return []
    new = NewReceipt(amount, client.currency, size.on, reference="Benchmark")
    shares = oldest_first(Money(amount, client.currency, client_id=client.pk), items)
    record_receipt(client, new, actor="benchmark", shares=shares)
    return shares


def split_half(items: Sequence, currency: str) -> Decimal:
    """Half of the one item, rounded up; 0 without one."""
    return split(items[0].open_amount, [Decimal(1), Decimal(1)], currency)[0] if items else Decimal(0)


def documents(size: Size) -> Figures:
    """A process for each core, as that many workers would have; each sets itself up once."""
    count, cores = min(1_000, max(1, size.invoices // 100)), os.cpu_count() or 1
    ids = list(Invoice.objects.filter(number__startswith="B-").order_by("pk").values_list("pk", flat=True)[:count])
    _write_lines(ids)
    connection.close()  # a connection is not shared between processes
    portions = [ids[start : start + 10] for start in range(0, count, 10)]

    def work() -> None:
        with ProcessPoolExecutor(cores, get_context("spawn"), initializer=django.setup) as pool:
            for made in pool.map(render, portions):
                sizes.extend(made)

    sizes: list[int] = []
    figures = measured("documents", "", work)
    figures.what = (
        f"{len(sizes):,} invoices of {LINES} lines as PDF, {cores} processes, {sum(sizes) // count:,} bytes each"
    )
    return figures


@transaction.atomic
def _write_lines(ids: Sequence[int]) -> None:
    InvoiceLine.objects.filter(invoice__in=ids).delete()
    rows = []
    for pk, amount, currency in Invoice.objects.filter(pk__in=ids).values_list("pk", "net_amount", "currency"):
        parts = split(amount, [Decimal(1)] * LINES, currency)
        rows += [(pk, n, f"Hand planes, set {n}", 1, part, part) for n, part in enumerate(parts, start=1)]
    insert(InvoiceLine, LINE_FIELDS, rows)


def render(ids: Sequence[int]) -> list[int]:
    """In a process of its own: the bytes of each."""
    return [len(invoice_pdf(Invoice.objects.select_related("client", "terms").get(pk=pk))) for pk in ids]
