"""The next charge on an invoice: what the running total has grown by since the last. No day is charged twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ..money import ZERO
from .computing import compute
from .records import Claim, Computation, Scheme
from .reference import RateTable
from .starting import ONE_DAY


@dataclass(frozen=True)
class Charged:
    """The watermark: days through `through_on` are charged, with `amount` in all (before waivers: a waived day is not
    charged again)."""

    through_on: date
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class NextCharge:
    """`amount` is what to charge now; negative is to be credited.

    `correction_amount` is the part of it that mends days charged before (a back-dated receipt, a corrected rate); the
    rest is for `from_on` through `through_on`, which is no day at all when these cross.
    """

    from_on: date
    through_on: date
    amount: Decimal
    correction_amount: Decimal
    charged_amount: Decimal
    computation: Computation


def next_charge(scheme: Scheme, claim: Claim, rates: RateTable, charged: Charged | None = None) -> NextCharge:
    """The charge through `claim.until`, with the whole computation from the first day. Raises InterestRefused.

    The sum of all charges, in whatever steps they were made, is the total rounded once. A watermark behind
    `claim.until` stays: those days were charged.
    """
    if charged is None:
        whole = compute(scheme, claim, rates)
        return NextCharge(
            from_on=whole.starts_on,
            through_on=claim.until,
            amount=whole.interest,
            correction_amount=ZERO,
            charged_amount=ZERO,
            computation=whole,
        )
    through = max(claim.until, charged.through_on)
    whole = compute(scheme, replace(claim, until=through), rates)
    before = compute(scheme, replace(claim, until=charged.through_on), rates)
    return NextCharge(
        from_on=charged.through_on + ONE_DAY,
        through_on=through,
        amount=whole.interest - charged.amount,
        correction_amount=before.interest - charged.amount,
        charged_amount=charged.amount,
        computation=whole,
    )
