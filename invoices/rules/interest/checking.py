"""What can be computed at all, and what this scheme answers."""

from __future__ import annotations

from decimal import Decimal

from ..money import ZERO, is_whole, quantum
from .records import DEBTOR_TYPES, Claim, Scheme
from .refusals import InterestRefused, Refusal

BELIEVABLE_YEARS = range(1990, 2200)
TOO_MUCH = Decimal(10) ** 15  # what an amount column holds


def check(scheme: Scheme, claim: Claim) -> None:
    """Raises InterestRefused for what no scheme could answer, or this one does not."""
    _check_amounts(claim)
    _check_dates(claim)
    _check_scheme(scheme, claim)


def _check_dates(claim: Claim) -> None:
    for day in (claim.due_on, claim.until, *(paid.paid_on for paid in claim.payments)):
        if day.year not in BELIEVABLE_YEARS:
            raise InterestRefused(Refusal.INVALID_DATE, f"{day} is not a believable date.")
    if claim.until < claim.due_on:
        raise InterestRefused(
            Refusal.INVALID_DATE, f"{claim.until} lies before the due date {claim.due_on}, so nothing is late."
        )


def _check_scheme(scheme: Scheme, claim: Claim) -> None:
    if claim.debtor_type not in DEBTOR_TYPES:
        known = ", ".join(DEBTOR_TYPES)
        raise InterestRefused(Refusal.INVALID_INPUT, f"A debtor is one of {known}, not {claim.debtor_type!r}.")
    if claim.debtor_type not in scheme.margins:
        who = claim.debtor_type.replace("_", " ")
        raise InterestRefused(
            Refusal.NOT_FOR_DEBTOR_TYPE, f"{scheme.id} gives nothing against a {who}. {scheme.not_for}".strip()
        )
    if claim.due_on < scheme.in_force_from:
        raise InterestRefused(
            Refusal.NOT_IN_FORCE,
            f"{scheme.id} is stored as it stands since {scheme.in_force_from}; a debt due on {claim.due_on} "
            "follows older law.",
        )


def _check_amounts(claim: Claim) -> None:
    if claim.amount <= ZERO:
        raise InterestRefused(Refusal.INVALID_AMOUNT, f"The amount must be more than 0, not {claim.amount}.")
    if claim.amount >= TOO_MUCH:
        raise InterestRefused(Refusal.INVALID_AMOUNT, f"The amount must be less than {TOO_MUCH:,}.")
    for amount in (claim.amount, *(paid.amount for paid in claim.payments)):
        if abs(amount) < TOO_MUCH and not is_whole(amount, claim.currency):
            raise InterestRefused(
                Refusal.INVALID_AMOUNT,
                f"{amount} cannot be paid in {claim.currency}, whose smallest amount is {quantum(claim.currency)}.",
            )
    _check_payments(claim)
    cap = claim.agreed.cap_amount
    if cap is not None and not ZERO <= cap < TOO_MUCH:
        raise InterestRefused(Refusal.INVALID_AMOUNT, f"The cap must be 0 or more, not {cap}.")


def _check_payments(claim: Claim) -> None:
    for paid in claim.payments:
        if paid.amount <= ZERO:
            raise InterestRefused(
                Refusal.INVALID_PAYMENT, f"The payment of {paid.paid_on} must be more than 0, not {paid.amount}."
            )
    parts = sum((part.amount for part in claim.parts), ZERO)
    if claim.parts and parts != claim.amount:
        raise InterestRefused(
            Refusal.INVALID_AMOUNT, f"The parts sum to {parts}, which is not the invoice's {claim.amount}."
        )
    total = sum((paid.amount for paid in claim.payments), ZERO)
    if total > claim.amount:
        raise InterestRefused(
            Refusal.INVALID_PAYMENT,
            f"The payments sum to {total}, which is more than the invoice's {claim.amount}.",
        )
