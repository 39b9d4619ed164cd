"""What a bank made of money in another currency. Nothing here converts: both amounts are given."""

from __future__ import annotations

from decimal import Context, Decimal

SIX_FIGURES = Context(prec=6)


def implied_rate(received: Decimal, credited: Decimal) -> Decimal:
    """How much of the credited currency one unit of the received one was, to six figures, for people to compare.

    1,200.00 credited as 950.00 is 0.791667. Raises ValueError unless something was received.
    """
    if received <= 0:
        raise ValueError("A rate needs an amount above 0 that was received.")
    return SIX_FIGURES.divide(credited, received)
