"""The fixed sum owed once per invoice, by tiers (UK, EU, Ireland) or brackets (Dutch collection costs)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from ..money import ZERO
from .records import Bracket, Compensation, Tier, rounded


def fixed_sum(compensation: Compensation | None, principal: Decimal, debtor_type: str) -> Decimal:
    """For a debt of `principal`, in the compensation's currency; 0 where the debtor owes none."""
    if compensation is None or principal <= ZERO or debtor_type not in compensation.debtor_types:
        return ZERO
    if compensation.tiers:
        return tier_of(compensation.tiers, principal).sum
    amount = rounded(by_brackets(compensation.brackets, principal), compensation.currency)
    if compensation.at_least is not None:
        amount = max(amount, compensation.at_least)
    return amount if compensation.at_most is None else min(amount, compensation.at_most)


def tier_of(tiers: Sequence[Tier], principal: Decimal) -> Tier:
    """The first tier the debt falls in; the last is open to the top."""
    for tier in tiers[:-1]:
        if tier.below is not None and principal < tier.below:
            return tier
        if tier.up_to is not None and principal <= tier.up_to:
            return tier
    return tiers[-1]


def by_brackets(brackets: Sequence[Bracket], principal: Decimal) -> Fraction:
    """15 % of the first part, 10 % of the next, and so on; unrounded."""
    total, left = Fraction(0), principal
    for bracket in brackets:
        part = left if bracket.of_next is None else min(left, bracket.of_next)
        total += Fraction(part) * Fraction(bracket.percent) / 100
        left -= part
    return total
