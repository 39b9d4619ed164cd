"""Recompute everything that is stored about money, and name each difference."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Round

from ..models import Allocation, Entry, EntryKind, Invoice, InvoiceStatus, Receipt
from ..rules.money import ZERO, quantise

MONEY = models.DecimalField(max_digits=18, decimal_places=3)


class Difference(NamedTuple):
    """Something stored that does not follow from the entries."""

    what: str
    stored: Decimal | None
    computed: Decimal | None

    def __str__(self) -> str:
        if self.stored is None or self.computed is None:
            return self.what
        gap = self.stored - self.computed
        return f"{self.what}: stored {self.stored:f}, computed {self.computed:f}, difference {gap:f}."


def ledger_differences() -> Iterator[Difference]:
    """Every difference in the books; none is the only good answer."""
    yield from _open_amounts()
    yield from _unapplied_amounts()
    yield from _allocations()
    yield from _documents()
    yield from _strangers()


def _sum_of_entries(**on: object) -> Coalesce:
    sums = Entry.objects.filter(**on).order_by().values(next(iter(on))).annotate(sum=Sum("amount")).values("sum")
    return Coalesce(Subquery(sums), ZERO, output_field=MONEY)


def _open_amounts() -> Iterator[Difference]:
    rows = Invoice.objects.annotate(computed=_sum_of_entries(invoice=OuterRef("pk"))).values_list(
        "id", "number", "status", "currency", "total_amount", "open_amount", "computed"
    )
    for pk, number, status, currency, total, stored, computed in rows.iterator(5000):
        name = f"Invoice {number or pk}"
        computed = quantise(computed, currency)
        if stored != computed:
            yield Difference(f"{name}, open amount", stored, computed)
        if computed < 0 or computed > total:
            yield Difference(f"{name}, entries outside 0 to total", computed, total)
        if status != InvoiceStatus.ISSUED and computed:
            yield Difference(f"{name} is {status} but its entries owe", ZERO, computed)


def _unapplied_amounts() -> Iterator[Difference]:
    sums = (
        Entry.objects.filter(receipt=OuterRef("pk"), invoice__isnull=True)
        .order_by()
        .values("receipt")
        .annotate(sum=Sum("amount"))
        .values("sum")
    )
    rows = Receipt.objects.annotate(computed=Coalesce(Subquery(sums), ZERO, output_field=MONEY)).values_list(
        "id", "currency", "unapplied_amount", "computed"
    )
    for pk, currency, stored, computed in rows.iterator(5000):
        if stored != -quantise(computed, currency):
            yield Difference(f"Receipt {pk}, amount on account", stored, -quantise(computed, currency))


def _allocations() -> Iterator[Difference]:
    """Each allocation is one pair of entries: minus on the invoice, plus on account."""
    pairs = Entry.objects.filter(allocation=OuterRef("pk")).order_by().values("allocation")
    on_invoice = pairs.filter(invoice__isnull=False).annotate(sum=Sum("amount")).values("sum")
    on_account = pairs.filter(invoice__isnull=True).annotate(sum=Sum("amount")).values("sum")
    rows = Allocation.objects.annotate(
        paid=Coalesce(Subquery(on_invoice), ZERO, output_field=MONEY),
        used=Coalesce(Subquery(on_account), ZERO, output_field=MONEY),
    ).values_list("id", "amount", "paid", "used")
    for pk, amount, paid, used in rows.iterator(5000):
        if -paid != amount:
            yield Difference(f"Allocation {pk}, entries on the invoice", amount, -paid)
        if used != amount:
            yield Difference(f"Allocation {pk}, entries on account", amount, used)
    astray = Entry.objects.filter(
        Q(allocation__isnull=False, invoice__isnull=False) & ~Q(invoice=F("allocation__invoice"))
        | Q(allocation__isnull=False) & ~Q(receipt=F("allocation__receipt"))
    )
    for pk, allocation_id in astray.values_list("pk", "allocation_id").iterator(5000):
        yield Difference(f"Entry {pk} moves another document than its allocation {allocation_id} says.", None, None)


def _documents() -> Iterator[Difference]:
    """A document and the one entry that brought it in; totals that add up; a closing date exactly on what is closed."""
    issued = Entry.objects.filter(kind=EntryKind.ISSUED).exclude(amount=F("invoice__total_amount"))
    for number, total, amount in issued.values_list("invoice__number", "invoice__total_amount", "amount"):
        yield Difference(f"Invoice {number}, total", total, amount)
    received = Entry.objects.filter(kind=EntryKind.RECEIVED).exclude(amount=-F("receipt__amount"))
    for pk, stored, amount in received.values_list("receipt_id", "receipt__amount", "amount"):
        yield Difference(f"Receipt {pk}, amount", stored, -amount)
    unbooked = Receipt.objects.filter(~Exists(Entry.objects.filter(receipt=OuterRef("pk"), kind=EntryKind.RECEIVED)))
    for pk in unbooked.values_list("pk", flat=True).iterator(5000):
        yield Difference(f"Receipt {pk} has no entry that brought it in.", None, None)
    uneven = Invoice.objects.exclude(total_amount=Round(F("net_amount") + F("tax_amount"), precision=3))
    for pk, total, net, tax in uneven.values_list("pk", "total_amount", "net_amount", "tax_amount"):
        yield Difference(f"Invoice {pk}, total of net and tax", total, net + tax)
    numbered = Invoice.objects.filter(status=InvoiceStatus.ISSUED)
    for number in numbered.filter(open_amount=0, closed_on__isnull=True).values_list("number", flat=True):
        yield Difference(f"Invoice {number} is paid but has no closing date.", None, None)
    for number in numbered.filter(open_amount__gt=0, closed_on__isnull=False).values_list("number", flat=True):
        yield Difference(f"Invoice {number} is open but has a closing date.", None, None)


def _strangers() -> Iterator[Difference]:
    """Entries of another client or currency than what they move; issued invoices without an issue entry."""
    wrong = Entry.objects.filter(
        (Q(invoice__isnull=False) & (~Q(currency=F("invoice__currency")) | ~Q(client=F("invoice__client"))))
        | (Q(receipt__isnull=False) & (~Q(currency=F("receipt__currency")) | ~Q(client=F("receipt__client"))))
    )
    for pk in wrong.values_list("pk", flat=True).iterator(5000):
        yield Difference(f"Entry {pk} is of another client or currency than the document it moves.", None, None)
    issued = Q(entries__kind=EntryKind.ISSUED)
    bare = Invoice.objects.filter(status=InvoiceStatus.ISSUED).annotate(n=Count("entries", filter=issued)).exclude(n=1)
    for number in bare.values_list("number", flat=True).iterator(5000):
        yield Difference(f"Invoice {number} is issued but has no issue entry.", None, None)
