"""Which yearly rate holds from which day, and whether the law lets it be charged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ..money import ZERO
from .records import AgreedRules, Claim, RateMode, Scheme
from .reference import RateTable, ReferenceRate, next_half_year
from .refusals import InterestRefused, Refusal

MONTHS = 12
HIGHEST = Decimal(1000)  # percent a year; more is a slip of the keyboard


@dataclass(frozen=True)
class Span:
    """From this day on, `rate` percent a year; `source` is the reference row it rests on, if any."""

    from_on: date
    rate: Decimal
    source: ReferenceRate | None = None


def rate_spans(scheme: Scheme, claim: Claim, rates: RateTable, start: date, last: date) -> list[Span]:
    """The rates from `start` through `last`, oldest first. Raises InterestRefused."""
    if scheme.rate_mode is RateMode.NONE:
        return [Span(start, ZERO)]
    agreed = agreed_yearly_rate(scheme, claim, rates, start)
    if agreed is not None:
        return [Span(start, agreed)]
    if scheme.rate_mode is RateMode.AGREED:
        raise InterestRefused(Refusal.RATE_NEEDED, f"The scheme {scheme.id} needs the yearly rate of the contract.")
    margin = scheme.margins[claim.debtor_type]
    day = start - timedelta(days=1) if scheme.is_rate_of_due_date else start
    row = rates.rate_on(scheme.series, day)
    spans = [Span(start, row.rate + margin, row)]
    while scheme.rate_mode is RateMode.FLOATING and (day := next_half_year(day)) <= last:
        row = rates.rate_on(scheme.series, day)
        spans.append(Span(day, row.rate + margin, row))
    return spans


def agreed_yearly_rate(scheme: Scheme, claim: Claim, rates: RateTable, start: date) -> Decimal | None:
    """The contract's rate in percent a year, None without one. Raises InterestRefused when the law forbids it."""
    yearly, monthly = claim.agreed.yearly, claim.agreed.monthly
    for rate in (yearly, monthly):
        if rate is not None and not ZERO <= rate <= HIGHEST:
            raise InterestRefused(Refusal.INVALID_RATE, f"A rate lies between 0 and {HIGHEST} %, not at {rate} %.")
    stated = yearly if yearly is not None else monthly * MONTHS if monthly is not None else None
    if stated is None:
        return None
    if scheme.agreed is None:
        raise InterestRefused(
            Refusal.RATE_NOT_TAKEN,
            f"The scheme {scheme.id} sets its rate by law; for the {stated} % of a contract use the scheme contract.",
        )
    _refuse_above_cap(scheme.agreed, claim, max(stated, (monthly or ZERO) * MONTHS))
    _refuse_below_floor(scheme.agreed, rates, stated, start)
    if yearly is None and scheme.agreed.unstated_rate is not None:
        return min(stated, scheme.agreed.unstated_rate)
    return stated


def _refuse_above_cap(rules: AgreedRules, claim: Claim, rate: Decimal) -> None:
    """Canada: more than 35 % APR agreed with an individual is a criminal rate (Criminal Code s 347)."""
    if rules.cap_rate is not None and claim.debtor_type in rules.cap_debtor_types and rate > rules.cap_rate:
        raise InterestRefused(
            Refusal.RATE_ABOVE_CAP,
            f"{rate} % a year lies above the {rules.cap_rate} % that may be agreed with an individual; "
            "nothing is charged.",
        )


def _refuse_below_floor(rules: AgreedRules, rates: RateTable, rate: Decimal, start: date) -> None:
    """France: a contract may not go below 3 times the legal rate (L441-10 II)."""
    if not rules.floor_series:
        return
    row = rates.rate_on(rules.floor_series, start)
    floor = row.rate * rules.floor_multiple
    if rate < floor:
        raise InterestRefused(
            Refusal.RATE_BELOW_FLOOR,
            f"The contract's {rate} % lies below {floor} %, which is {rules.floor_multiple} times the legal rate of "
            f"{row.rate} % from {row.valid_from}; without a valid rate the default of the law holds.",
        )
