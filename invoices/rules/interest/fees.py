"""Late fees of a dunning level: fixed, or a percentage of the principal (design: money.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from .records import rounded


@dataclass(frozen=True)
class FixedFee:
    amount: Decimal


@dataclass(frozen=True)
class PercentFee:
    percent: Decimal


LateFee = FixedFee | PercentFee


def fee_amount(fee: LateFee, principal: Decimal, currency: str) -> Decimal:
    """The fee on an invoice. A percentage is of the principal, never of a balance that already holds fees."""
    if isinstance(fee, FixedFee):
        return fee.amount
    return rounded(Fraction(principal) * Fraction(fee.percent) / 100, currency)


def owed_after_each(fees: Sequence[LateFee], principal: Decimal, currency: str) -> list[Decimal]:
    """Principal and fees after each level: 100 with a fixed 10, then 15 %, is 110, then 125."""
    return list(accumulate((fee_amount(fee, principal, currency) for fee in fees), initial=principal))[1:]
