"""Money: Decimal with its currency; rounded half up, once, in a named place. Parts always sum to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache

ZERO = Decimal(0)

# ISO 4217 exponents that are not 2 (list one of the standard, 2024). A stored table: display digits differ (ISK, HUF).
EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
}


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit: EUR 2, JPY 0, KWD 3."""
    return EXPONENTS.get(currency, 2)


@cache
def quantum(currency: str) -> Decimal:
    """The smallest amount of the currency: 0.01, 1 or 0.001."""
    return Decimal(1).scaleb(-exponent(currency))


def quantise(amount: Decimal, currency: str) -> Decimal:
    """`amount` rounded half up to the currency's minor unit."""
    return amount.quantize(quantum(currency), ROUND_HALF_UP)


def plain(amount: Decimal, currency: str) -> str:
    """For files and JSON: "1234.50", no grouping, no symbol."""
    return f"{quantise(amount, currency):f}"


def is_whole(amount: Decimal, currency: str) -> bool:
    """Whether the amount can be paid in this currency at all (no half cents)."""
    return amount == quantise(amount, currency)


def split(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """`amount` in parts by weight, summing to the whole (largest remainder; ties go to the earlier part).

    100.00 in three equal parts is 33.34, 33.33, 33.33. Raises ValueError when the weights sum to nothing or one is
    negative, and for an amount that nobody can pay in this currency: its parts could not sum to it.
    """
    if amount < ZERO:
        return [-part for part in split(-amount, weights, currency)]
    total = sum((Fraction(w) for w in weights), Fraction(0))
    if total <= 0 or min(weights) < 0:
        raise ValueError("There is nothing to split by: the weights sum to 0, or one of them is negative.")
    if not is_whole(amount, currency):
        raise ValueError(f"{amount} is not an amount in {currency}, so its parts cannot sum to it.")
    step = quantum(currency)
    exact = [Fraction(amount) * Fraction(w) / total for w in weights]
    units = [int(part / Fraction(step)) for part in exact]
    parts = [(step * n).quantize(step, ROUND_DOWN) for n in units]
    left = int((amount - sum(parts, ZERO)) / step)
    order = sorted(range(len(parts)), key=lambda i: (-(exact[i] / Fraction(step) - units[i]), i))
    for i in order[:left]:
        parts[i] += step
    return parts
