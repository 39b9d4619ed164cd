"""Allowances and surcharges on a whole invoice, spread over its tax categories and rates (EN 16931 BG-20, BG-21)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from .crediting import proportional
from .invoicing import LINE, LineAmounts, line_net
from .money import ZERO, is_whole, quantise

ONE = Decimal(1)


class CannotAdjust(ValueError):
    """The text is a sentence for the person who writes the invoice."""


class Adjustment(NamedTuple):
    """As entered: so much, or so many percent of the lines' net amount. Both above 0; `kind` gives the sign."""

    kind: str
    description: str
    amount: Decimal = ZERO
    percent: Decimal = ZERO


class Spread(NamedTuple):
    """One row of an adjustment on the document: what falls to one category and rate."""

    description: str
    amounts: LineAmounts


def spread(adjustments: Sequence[Adjustment], lines: Iterable[LineAmounts], currency: str) -> list[Spread]:
    """Every adjustment as one row per tax category and rate, in proportion to the lines' net amounts.

    The rows of an amount sum to it. Percentages are all of the lines, never of one another, and rounded once per row.
    Raises CannotAdjust where there is nothing to spread over.
    """
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for line in lines:
        bases[line.tax] = bases.get(line.tax, ZERO) + line_net(line, currency)
    bases = {tax: base for tax, base in bases.items() if base}
    if adjustments and not sum(bases.values(), ZERO):
        raise CannotAdjust("The lines come to nothing, so no allowance or surcharge can be spread over them.")
    return [row for one in adjustments for row in _rows(one, bases, currency)]


def _rows(one: Adjustment, bases: dict[tuple[str, Decimal], Decimal], currency: str) -> Iterable[Spread]:
    if one.percent:
        parts = list(bases.values())
    elif is_whole(one.amount, currency):
        parts = proportional(one.amount, list(bases.values()), currency)
    else:
        raise CannotAdjust(f"“{one.description}”: {one.amount} is not an amount in {currency}.")
    for (category, rate), part in zip(bases, parts, strict=True):
        if part:
            yield Spread(one.description, LineAmounts(ONE, part, one.percent, rate, category, one.kind))


def gathered(rows: Iterable[Spread]) -> list[Adjustment]:
    """As they were entered: the rows of one adjustment are one again. The way back from `spread`, for editing."""
    found: dict[tuple[str, str, Decimal], Decimal] = {}
    for row in rows:
        key = (row.amounts.kind, row.description, row.amounts.discount_percent)
        found[key] = found.get(key, ZERO) + row.amounts.unit_price
    return [
        Adjustment(kind, description, ZERO if percent else amount, percent)
        for (kind, description, percent), amount in found.items()
    ]


def sum_of(one: Adjustment, lines: Iterable[LineAmounts], currency: str) -> Decimal:
    """What it comes to in all, signed; 0 while there are no lines."""
    try:
        rows = spread([one], [line for line in lines if line.kind == LINE], currency)
    except CannotAdjust:
        return ZERO
    amount = sum((line_net(row.amounts, currency) for row in rows), ZERO)
    return quantise(amount, currency)
