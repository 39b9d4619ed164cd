"""The totals of an invoice. VAT is computed per category and rate, not per line (EN 16931 BR-CO-17).

Three lines of 0.33 at 20 % give 0.20 of tax.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from .money import ZERO, quantise

# Kinds of line (EN 16931 BG-25, BG-20, BG-21) and the usual tax category (UNCL 5305), as the models store them.
LINE, ALLOWANCE, SURCHARGE = "line", "allowance", "surcharge"
STANDARD = "S"
# Categories that carry no tax, so that their rate is 0 (BR-Z-5, BR-E-5, BR-AE-5, BR-IC-5, BR-G-5, BR-O-5).
UNTAXED = {
    "Z": "Zero rated",
    "E": "Exempt",
    "AE": "Reverse charge",
    "K": "Intra-community supply",
    "G": "Export",
    "O": "Not subject to tax",
}


class LineAmounts(NamedTuple):
    """What a line's amounts come from.

    An allowance or surcharge on the whole document has as `unit_price` the amount, or, with a `discount_percent`, the
    base of which it is so many percent (BT-92 to BT-94).
    """

    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal
    tax_rate: Decimal
    tax_category: str = STANDARD
    kind: str = LINE

    @property
    def tax(self) -> tuple[str, Decimal]:
        """Category and rate: what is taxed together."""
        return self.tax_category, self.tax_rate


class Totals(NamedTuple):
    net: Decimal
    tax: Decimal
    total: Decimal


class TaxLine(NamedTuple):
    """The tax of one category and rate (in percent), on what it is computed."""

    rate: Decimal
    base: Decimal
    tax: Decimal
    category: str = STANDARD

    @property
    def key(self) -> tuple[str, Decimal]:
        return self.category, self.rate

    @property
    def category_words(self) -> str:
        """Such as Exempt; empty for the usual category."""
        return UNTAXED.get(self.category, "")


def line_net(line: LineAmounts, currency: str) -> Decimal:
    """Quantity x price less discount, rounded once per line. An allowance is negative, whatever its sign was."""
    gross = line.quantity * line.unit_price
    if line.kind == LINE:
        return quantise(gross * (100 - line.discount_percent) / 100, currency)
    amount = quantise(gross * line.discount_percent / 100 if line.discount_percent else gross, currency)
    return -amount if line.kind == ALLOWANCE else amount


def tax_lines(lines: Iterable[LineAmounts], currency: str) -> list[TaxLine]:
    """By rate, then category; each rounded once, on the sum of its lines."""
    bases: dict[tuple[Decimal, str], Decimal] = {}
    for line in lines:
        key = (line.tax_rate, line.tax_category)
        bases[key] = bases.get(key, ZERO) + line_net(line, currency)
    return [
        TaxLine(rate, base, quantise(base * rate / 100, currency), category)
        for (rate, category), base in sorted(bases.items())
    ]


def totals(lines: Iterable[LineAmounts], currency: str) -> Totals:
    lines = list(lines)
    net = sum((line_net(line, currency) for line in lines), ZERO)
    tax = sum((one.tax for one in tax_lines(lines, currency)), ZERO)
    return Totals(net, tax, net + tax)


def tax_error(category: str, rate: Decimal) -> str:
    """Why a line cannot have this category and rate; empty when it can."""
    if category in UNTAXED and rate:
        return f"“{UNTAXED[category]}” carries no tax: its rate is 0, not {rate.normalize():f} %."
    return ""


def mixture_error(categories: Iterable[str]) -> str:
    """Why these categories cannot stand on one invoice (BR-O-11); empty when they can."""
    found = set(categories)
    if "O" in found and len(found) > 1:
        return "“Not subject to tax” cannot stand beside other tax categories: write two invoices."
    return ""
