"""An invoice in parts: each bears interest from its own due date, and payments go to the oldest part first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from ..money import ZERO, plain
from .records import Claim, Computation, Payment


def part_claims(claim: Claim) -> list[Claim]:
    """A claim for each part. The contract's cap stays with the whole."""
    left = list(claim.payments)
    claims = []
    for part in claim.parts:
        payments, left = _first(part.amount, left)
        claims.append(
            replace(
                claim,
                amount=part.amount,
                due_on=part.due_on,
                until=max(claim.until, part.due_on),
                payments=payments,
                agreed=replace(claim.agreed, cap_amount=None),
                parts=(),
            )
        )
    return claims


def _first(amount: Decimal, payments: Sequence[Payment]) -> tuple[tuple[Payment, ...], list[Payment]]:
    """Of the payments, those that make up `amount`, and what they leave for the next part."""
    taken, left = [], []
    for payment in payments:
        used = min(payment.amount, amount)
        amount -= used
        if used > ZERO:
            taken.append(Payment(payment.paid_on, used))
        if payment.amount > used:
            left.append(Payment(payment.paid_on, payment.amount - used))
    return tuple(taken), left


def days_with_interest(parts: Sequence[Computation]) -> int:
    """Days on which any part bears interest, each once."""
    days = {line.from_on + timedelta(days=n) for part in parts for line in part.lines for n in range(line.days)}
    return len(days) or max(part.days for part in parts)


def parts_note(claim: Claim) -> str:
    parts = ", ".join(f"{plain(part.amount, claim.currency)} due {part.due_on}" for part in claim.parts)
    return f"The invoice is due in {len(claim.parts)} parts, each with interest from its own date: {parts}."
