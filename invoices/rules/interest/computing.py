"""Interest and fixed sum on one invoice, line by line. The one function that answers command, page and scheduler."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from ..money import ZERO
from .accrual import accrue, principal_on
from .checking import check
from .compensation import fixed_sum
from .parts import days_with_interest, part_claims, parts_note
from .records import Claim, Computation, Line, RateMode, Scheme, rounded
from .reference import RateTable
from .refusals import InterestRefused
from .starting import last_day, start_of_interest
from .yearly import Span, rate_spans


def compute(scheme: Scheme, claim: Claim, rates: RateTable) -> Computation:
    """Everything owed for lateness through `claim.until`. Raises InterestRefused, with a sentence, and charges nothing.

    Interest runs on the principal as it stood each day, and is rounded once, on the total. Paid in time: all is 0.
    """
    check(scheme, claim)
    return _in_parts(scheme, claim, rates) if claim.parts else _in_one_sum(scheme, claim, rates)


def _in_parts(scheme: Scheme, claim: Claim, rates: RateTable) -> Computation:
    """The parts together, rounded once. The fixed sum is owed once per invoice: for the first part that is late."""
    found = [compute(scheme, part, rates) for part in part_claims(claim)]
    late = [one for one in found if one.days] or found[:1]
    exact = _capped(sum((one.exact for one in found), Fraction(0)), claim)
    return replace(
        late[0],
        claim=claim,
        days=days_with_interest(late),
        rate=late[-1].rate,
        lines=tuple(line for one in late for line in one.lines),
        exact=exact,
        interest=rounded(exact, claim.currency),
        sources=tuple(dict.fromkeys(source for one in late for source in one.sources)),
        notes=(parts_note(claim), *dict.fromkeys(note for one in late for note in one.notes)),
    )


def _in_one_sum(scheme: Scheme, claim: Claim, rates: RateTable) -> Computation:
    start = start_of_interest(scheme, claim)
    last = last_day(scheme, claim, start)
    spans: list[Span] = []
    if last >= start and principal_on(scheme, claim, start) > ZERO:
        spans = rate_spans(scheme, claim, rates, start, _end_of_principal(scheme, claim, last))
    found = accrue(scheme, claim, spans, last) if spans else []
    lines = () if scheme.rate_mode is RateMode.NONE else tuple(found)
    exact = _capped(sum((line.exact for line in lines), Fraction(0)), claim)
    amount, currency, notes = _fixed_sum(scheme, claim, start if found else None)
    return Computation(
        scheme=scheme,
        claim=claim,
        starts_on=start,
        days=sum(line.days for line in found),
        rate=found[-1].rate if found else _first_rate(scheme, claim, rates, start),
        lines=lines,
        exact=exact,
        interest=rounded(exact, claim.currency),
        fixed_sum=amount,
        fixed_sum_currency=currency,
        sources=tuple(span.source for span in spans if span.source),
        notes=notes + _notes(scheme, claim, found, last),
    )


def _end_of_principal(scheme: Scheme, claim: Claim, last: date) -> date:
    """No rate is asked for after the day on which the principal was paid, so a missing one does not matter there."""
    days = sorted(paid.paid_on for paid in claim.payments if paid.paid_on <= last)
    return days[-1] if days and principal_on(scheme, claim, last) <= ZERO else last


def _first_rate(scheme: Scheme, claim: Claim, rates: RateTable, start: date) -> Decimal | None:
    """For information when no day is late: what the first would cost, None when that is not known or not allowed."""
    try:
        return rate_spans(scheme, claim, rates, start, start)[0].rate
    except InterestRefused:
        return None


def _fixed_sum(scheme: Scheme, claim: Claim, start: date | None) -> tuple[Decimal, str, tuple[str, ...]]:
    """By the size of the debt on the first day of interest, and only if there is one. Currencies are not converted."""
    own = scheme.compensation
    if own is None or start is None:
        return ZERO, own.currency if own else claim.currency, ()
    if own.currency != claim.currency:
        said = f"The fixed sum is set in {own.currency} and the invoice is in {claim.currency}; it is not charged."
        return ZERO, own.currency, (said,)
    return fixed_sum(own, principal_on(scheme, claim, start), claim.debtor_type), own.currency, ()


def _notes(scheme: Scheme, claim: Claim, lines: list[Line], last: date) -> tuple[str, ...]:
    notes = [scheme.notes[key] for key in ("all", claim.debtor_type) if key in scheme.notes] if lines else []
    if last < claim.until:
        notes.append(f"Interest stops on {last}, {scheme.stops_after_years} year(s) after the due date.")
    return tuple(notes)


def _capped(exact: Fraction, claim: Claim) -> Fraction:
    return exact if claim.agreed.cap_amount is None else min(exact, Fraction(claim.agreed.cap_amount))
