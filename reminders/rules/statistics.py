"""How sure a share is, and whether two differ: what may be said about an experiment, and when nothing may. Pure.

Intervals: E. B. Wilson (1927) for one share; R. G. Newcombe, "Interval estimation for the difference between
independent proportions", Statistics in Medicine 17 (1998), method 10, for two. Both hold for small numbers and for
shares of 0 and 1, where the usual "plus or minus two standard errors" does not.
"""

from __future__ import annotations

from enum import StrEnum
from math import ceil, sqrt
from statistics import NormalDist
from typing import NamedTuple

LEAST_PER_ARM = 30  # fewer say nothing, whatever the figures


class Interval(NamedTuple):
    """A share (or difference of shares) with the bounds of its confidence interval; 0.1 is ten per cent."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


class Arm(NamedTuple):
    """`paid` of `clients` paid within the days looked at."""

    clients: int
    paid: int


class Verdict(StrEnum):
    """What may be claimed of an arm against the other."""

    NOT_ENOUGH = "not_enough"
    NO_DIFFERENCE = "no_difference"
    BETTER = "better"
    WORSE = "worse"


def share(paid: int, clients: int, confidence: float = 0.95) -> Interval:
    """The Wilson score interval of `paid` out of `clients`. Raises ValueError for an impossible count."""
    if clients < 1 or not 0 <= paid <= clients:
        raise ValueError(f"{paid} of {clients} is no share.")
    z = _z(confidence)
    value = paid / clients
    centre = value + z * z / (2 * clients)
    spread = z * sqrt(value * (1 - value) / clients + z * z / (4 * clients * clients))
    whole = 1 + z * z / clients
    # At 0 and 1 the bound is exact; the formula misses it by a rounding error.
    low = 0.0 if paid == 0 else (centre - spread) / whole
    high = 1.0 if paid == clients else (centre + spread) / whole
    return Interval(value, low, high)


def difference(one: Arm, other: Arm, confidence: float = 0.95) -> Interval:
    """The share of `one` less that of `other`, with Newcombe's hybrid score interval."""
    first, second = share(one.paid, one.clients, confidence), share(other.paid, other.clients, confidence)
    value = first.value - second.value
    low = value - sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    high = value + sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return Interval(value, low, high)


def verdict(arm: Arm, control: Arm, confidence: float = 0.95) -> Verdict:
    """What may be said of `arm` against `control`: nothing below LEAST_PER_ARM clients in each."""
    if min(arm.clients, control.clients) < LEAST_PER_ARM:
        return Verdict.NOT_ENOUGH
    found = difference(arm, control, confidence)
    if not found.excludes_zero:
        return Verdict.NO_DIFFERENCE
    return Verdict.BETTER if found.value > 0 else Verdict.WORSE


def clients_needed(base: float, change: float, *, power: float = 0.8, confidence: float = 0.95) -> int:
    """Clients per arm to notice a `change` of the share `base` with that probability: 0.5 and 0.1 need 388.

    The usual formula for two shares without continuity correction (Fleiss, Statistical Methods for Rates and
    Proportions, chapter 4). Raises ValueError when the share would leave 0 to 1.
    """
    other = base + change
    if change == 0 or not 0 < base < 1 or not 0 < other < 1:
        raise ValueError(f"A share of {base} cannot change by {change}.")
    alpha, beta = _z(confidence), NormalDist().inv_cdf(power)
    mean = (base + other) / 2
    spread = alpha * sqrt(2 * mean * (1 - mean)) + beta * sqrt(base * (1 - base) + other * (1 - other))
    return ceil((spread / change) ** 2)


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
