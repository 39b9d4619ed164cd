"""The tax inside a settlement discount. Which country follows which rule: data/discount_tax.toml, with sources."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from .money import ZERO, quantise


class TaxRule(NamedTuple):
    """`follows`: tax is due on the price actually paid. An empty source: nobody confirmed a rule for the country."""

    follows: bool = False
    source: str = ""


def tax_part(amount: Decimal, *, tax: Decimal, total: Decimal, currency: str, rule: TaxRule) -> Decimal:
    """Of `amount` off an invoice of `total` with `tax` inside: 20.00 off 1,200.00 with 200.00 of VAT holds 3.33.

    Every rate is discounted by the same percentage, so the whole document's share is right for each of them.
    """
    if not rule.follows or not total:
        return ZERO
    return quantise(amount * tax / total, currency)
