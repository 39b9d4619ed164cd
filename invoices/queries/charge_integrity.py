"""What `check_ledger` finds wrong with late charges."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, Q, Sum

from ..models import Charge, InvoiceKind
from ..rules.money import quantise
from .differences import Difference


def charge_differences() -> Iterator[Difference]:
    """A late charge owes through its document what it says, to the same client; charges bear no charges."""
    issued = Charge.objects.filter(document__isnull=False)
    sums = issued.values("document").annotate(sum=Sum("amount")).order_by()
    for number, currency, total, amount in sums.values_list(
        "document__number", "document__currency", "document__total_amount", "sum"
    ):
        # SQLite sums in floating point; the currency's own rounding restores the exact amount.
        if (exact := quantise(amount, currency)) != total:
            yield Difference(f"Late charge {number}, total", total, exact)
    strange = ~Q(invoice__client=F("document__client")) | ~Q(invoice__currency=F("document__currency"))
    for number in issued.filter(strange).values_list("document__number", flat=True):
        yield Difference(f"Late charge {number} is of another client or currency than its invoice.", None, None)
    for number in Charge.objects.filter(invoice__kind=InvoiceKind.CHARGE).values_list("invoice__number", flat=True):
        yield Difference(f"Late charge {number} bears a charge itself.", None, None)
