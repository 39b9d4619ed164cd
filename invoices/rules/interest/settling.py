"""From the movements of an invoice to what lowered its principal, and from when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..money import ZERO
from .records import AgreedRate, Claim, Payment
from .refusals import InterestRefused, Refusal

NOTHING_AGREED = AgreedRate()


@dataclass(frozen=True)
class Movement:
    """One entry on the invoice after its issue, in the order booked: negative lowers what is owed.

    `on` is the day it counts from; `source` tells its document ("receipt", 7), so that undoing finds what it undoes.
    """

    on: date
    amount: Decimal
    source: tuple[str, int]


def payments_of(movements: Iterable[Movement]) -> tuple[Payment, ...]:
    """What lowered the principal and still does, oldest first.

    What was taken back (a bounced debit, an allocation undone) counts as never paid: it cancels the latest payment from
    the same document first, then the latest of all.
    """
    left: list[Movement] = []
    for movement in movements:
        if movement.amount < ZERO:
            left.append(movement)
        else:
            _take_back(left, movement)
    payments = [Payment(movement.on, -movement.amount) for movement in left if movement.amount]
    return tuple(sorted(payments, key=lambda paid: paid.paid_on))


def _take_back(left: list[Movement], back: Movement) -> None:
    """Cancel `back.amount` among the payments, in place."""
    amount = back.amount
    same = [n for n in reversed(range(len(left))) if left[n].source == back.source]
    others = [n for n in reversed(range(len(left))) if left[n].source != back.source]
    for n in [*same, *others]:
        used = min(amount, -left[n].amount)
        left[n] = Movement(left[n].on, left[n].amount + used, left[n].source)
        amount -= used


@dataclass(frozen=True, kw_only=True)
class Question:
    """An invoice of which somebody asks what its late payment costs: the rest is paid on `paid_on`."""

    amount: Decimal
    currency: str
    due_on: date
    paid_on: date
    debtor_type: str
    payments: Sequence[Payment] = ()
    agreed: AgreedRate = NOTHING_AGREED
    region: str = ""


def as_claim(asked: Question) -> Claim:
    """The claim, settled on the last day. Raises InterestRefused for a part payment after that day."""
    for payment in asked.payments:
        if payment.paid_on > asked.paid_on:
            raise InterestRefused(
                Refusal.INVALID_PAYMENT,
                f"The payment of {payment.paid_on} lies after {asked.paid_on}, when the rest was paid.",
            )
    rest = asked.amount - sum((payment.amount for payment in asked.payments), ZERO)
    payments = (*asked.payments, Payment(asked.paid_on, rest)) if rest > ZERO else tuple(asked.payments)
    return Claim(
        amount=asked.amount,
        currency=asked.currency,
        due_on=asked.due_on,
        until=asked.paid_on,
        debtor_type=asked.debtor_type,
        payments=payments,
        agreed=asked.agreed,
        region=asked.region,
    )
