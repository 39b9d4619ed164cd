"""A computation in plain words and figures: for JSON, for the page, and to be kept with the charge."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..money import exponent, plain
from .records import Computation, Line, rounded


def as_record(found: Computation) -> dict[str, Any]:
    """Text and whole numbers only. Amounts of lines are unrounded (six places); `interest` and `fixed_sum` rounded."""
    claim = found.claim
    return {
        "scheme": found.scheme.id,
        "law": found.scheme.law,
        "debtor_type": claim.debtor_type,
        "currency": claim.currency,
        "amount": plain(claim.amount, claim.currency),
        "due": claim.due_on.isoformat(),
        "until": claim.until.isoformat(),
        "starts": found.starts_on.isoformat(),
        "rate": None if found.rate is None else rate_text(found.rate),
        "days": found.days,
        "interest": plain(found.interest, claim.currency),
        "fixed_sum": plain(found.fixed_sum, found.fixed_sum_currency),
        "fixed_sum_currency": found.fixed_sum_currency,
        "lines": [_line(line, claim.currency) for line in found.lines],
        "sources": [
            {
                "series": row.series,
                "from": row.valid_from.isoformat(),
                "rate": rate_text(row.rate),
                "source": row.source,
            }
            for row in found.sources
        ],
        "notes": list(found.notes),
    }


def rate_text(rate: Decimal) -> str:
    """In percent with two places at least: 11.75, 8.50, 4.125."""
    return _trimmed(rate, 2)


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {
        "from": line.from_on.isoformat(),
        "to": line.to_on.isoformat(),
        "days": line.days,
        "principal": _trimmed(line.principal, exponent(currency)),
        "rate": rate_text(line.rate),
        "year_part": line.year_part,
        "amount": f"{line.amount:f}",
    }


def _trimmed(number: Decimal, places: int) -> str:
    """Without trailing zeros beyond `places`, and with that many at least."""
    whole, _, digits = f"{number:f}".partition(".")
    digits = digits.rstrip("0").ljust(places, "0")
    return f"{whole}.{digits}" if digits else whole


def accruing_a_day(found: Computation) -> Decimal:
    """What the last counted day costs, rounded: "0.32 a day"; 0 when no day is late. All parts that run on it count."""
    if not found.lines:
        return Decimal(0)
    last_day = max(line.to_on for line in found.lines)
    running = [line for line in found.lines if line.to_on == last_day]
    return rounded(sum((line.exact / line.days for line in running), Fraction(0)), found.claim.currency)
