"""A payout of the card processor against what it is made of, and against our own books."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from .money import ZERO, plain

# Movements that are about a payment of a client; fees of the processor's own are not.
OF_PAYMENTS = frozenset({"charge", "payment", "refund", "payment_refund", "payment_failure_refund", "refund_failure"})


class Part(NamedTuple):
    """One movement. `booked`: what our books hold of the payment that it brought in; None where it is none of ours,
    or where it came in as other money.
    """

    id: str
    kind: str
    amount: Decimal
    fee: Decimal
    is_ours: bool
    booked: Decimal | None = None


def differences(amount: Decimal, currency: str, parts: Sequence[Part]) -> list[str]:
    """What does not agree, each as a sentence with both figures; empty where all does.

    100.00 less a fee of 2.25 is a payout of 97.75.
    """
    found = []
    net = sum((part.amount - part.fee for part in parts), ZERO)
    if net != amount:
        sent, summed, by = (plain(figure, currency) for figure in (amount, net, amount - net))
        found.append(f"The payout is {sent} {currency}, its movements sum to {summed}: {by} apart.")
    for part in parts:
        if part.kind in OF_PAYMENTS and not part.is_ours:
            found.append(f"{part.id} ({plain(part.amount, currency)} {currency}) belongs to no payment of ours.")
        elif part.booked is not None and part.booked != part.amount:
            paid, booked = plain(part.amount, currency), plain(part.booked, currency)
            found.append(f"{part.id} brought {paid} {currency}, but {booked} is booked.")
    return found
