"""What `check_ledger` finds wrong with settlement discounts and settlements: each against its entries."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q

from ..models import Discount, DiscountStatus, Entry, EntryKind, Settlement, SettlementItem, SettlementStatus
from ..rules.money import ZERO
from .corrections import subtotal, unequal
from .differences import Difference

DISCOUNT_KINDS = (EntryKind.DISCOUNTED, EntryKind.UNDISCOUNTED)
SETTLEMENT_KINDS = (EntryKind.SETTLED, EntryKind.UNSETTLED)


def agreement_differences() -> Iterator[Difference]:
    yield from _discounts()
    yield from _settlements()
    yield from _items()
    yield from _astray()


def _discounts() -> Iterator[Difference]:
    """A granted discount took its amount off; any other took nothing, or gave it back."""
    rows = Discount.objects.annotate(net=subtotal(Entry.objects.filter(kind__in=DISCOUNT_KINDS), "discount"))
    for row in rows.exclude(status=DiscountStatus.PROPOSED, net=0).select_related("invoice").iterator(1000):
        granted = row.amount if row.status == DiscountStatus.GRANTED else ZERO
        yield from unequal(f"Discount {row.pk} on invoice {row.invoice}, entries", granted, -row.net)
        if row.tax_amount > row.amount:
            yield Difference(f"Discount {row.pk} on invoice {row.invoice}, tax inside", row.tax_amount, row.amount)


def _settlements() -> Iterator[Difference]:
    """Only a paid settlement waives anything; its items' shares sum to both of its amounts."""
    rows = Settlement.objects.annotate(
        net=subtotal(Entry.objects.filter(kind__in=SETTLEMENT_KINDS), "settlement"),
        shares=subtotal(SettlementItem.objects.all(), "settlement"),
        opens=subtotal(SettlementItem.objects.all(), "settlement", "open_amount"),
    )
    for row in rows.iterator(1000):
        yield from unequal(f"{row}, shares of its items", row.amount, row.shares)
        yield from unequal(f"{row}, open amounts of its items", row.open_amount, row.opens)
        if row.status != SettlementStatus.PAID or row.net > 0:
            yield from unequal(f"{row}, waived", ZERO, -row.net)


def _items() -> Iterator[Difference]:
    strange = ~Q(invoice__client=F("settlement__client")) | ~Q(invoice__currency=F("settlement__currency"))
    for number in SettlementItem.objects.filter(strange).values_list("invoice__number", flat=True):
        yield Difference(f"Invoice {number} is in a settlement of another client or currency.", None, None)


def _astray() -> Iterator[Difference]:
    """Entries that name a discount or settlement are of its kind and of its invoice, and the other way round."""
    wrong = (
        Q(kind__in=DISCOUNT_KINDS, discount__isnull=True)
        | Q(kind__in=SETTLEMENT_KINDS, settlement__isnull=True)
        | Q(discount__isnull=False) & (~Q(kind__in=DISCOUNT_KINDS) | ~Q(invoice=F("discount__invoice")))
        | Q(settlement__isnull=False) & ~Q(kind__in=SETTLEMENT_KINDS)
    )
    for pk in Entry.objects.filter(wrong).values_list("pk", flat=True).iterator(5000):
        yield Difference(f"Entry {pk} does not fit the discount or settlement that it names.", None, None)
