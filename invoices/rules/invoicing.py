"""The totals of an invoice. VAT is computed per rate, not per line (EN 16931 BR-CO-17).

Three lines of 0.33 at 20 % give 0.20 of tax.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from .money import ZERO, quantise


class LineAmounts(NamedTuple):
    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_rate: Decimal


class Totals(NamedTuple):
    net: Decimal
    tax: Decimal
    total: Decimal


def line_net(line: LineAmounts, currency: str) -> Decimal:
    """Quantity x price less discount, rounded once per line."""
    gross = line.quantity * line.unit_price
    return quantise(gross * (100 - line.discount_percent) / 100, currency)


def tax_by_rate(lines: Iterable[LineAmounts], currency: str) -> dict[Decimal, Decimal]:
    """Tax rate in percent -> tax amount, rounded once per rate."""
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        bases[line.tax_rate] = bases.get(line.tax_rate, ZERO) + line_net(line, currency)
    return {rate: quantise(base * rate / 100, currency) for rate, base in sorted(bases.items())}


def totals(lines: Iterable[LineAmounts], currency: str) -> Totals:
    lines = list(lines)
    net = sum((line_net(line, currency) for line in lines), ZERO)
    tax = sum(tax_by_rate(lines, currency).values(), ZERO)
    return Totals(net, tax, net + tax)
