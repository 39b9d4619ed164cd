"""Charging in steps: a watermark, no day twice, a correction after a back-dated receipt, and the running total."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.interest.charging import Charged, NextCharge, next_charge
from invoices.rules.interest.computing import compute
from invoices.rules.interest.records import Claim, Payment
from invoices.rules.interest.starting import months_after
from tests.invoices.rules.interest_cases import RATES, SCHEMES, a_claim

UK = SCHEMES["uk-1998"]
OPEN = a_claim("10000", "2026-01-31", "2026-03-31", currency="GBP")
DUE = date(2026, 1, 31)


def charge(claim: Claim, until: str, charged: Charged | None = None) -> NextCharge:
    return next_charge(UK, replace(claim, until=date.fromisoformat(until)), RATES, charged)


def paid(claim: Claim, day: str, amount: str) -> Claim:
    return replace(claim, payments=(*claim.payments, Payment(date.fromisoformat(day), Decimal(amount))))


def mark(found: NextCharge) -> Charged:
    return Charged(found.through_on, found.charged_amount + found.amount)


def test_first_charge_is_the_whole_computation() -> None:
    first = charge(OPEN, "2026-02-28")
    assert (first.from_on, first.amount, first.correction_amount) == (date(2026, 2, 1), Decimal("90.14"), 0)


def test_second_charge_starts_behind_the_watermark() -> None:
    second = charge(OPEN, "2026-03-31", mark(charge(OPEN, "2026-02-28")))
    assert (second.from_on, second.amount) == (date(2026, 3, 1), Decimal("189.93") - Decimal("90.14"))


def test_asking_again_on_the_same_day_charges_nothing() -> None:
    first = charge(OPEN, "2026-02-28")
    again = charge(OPEN, "2026-02-28", mark(first))
    assert again.amount == 0
    assert again.from_on > again.through_on


def test_asking_for_an_earlier_day_gives_nothing_back() -> None:
    first = charge(OPEN, "2026-02-28")
    assert charge(OPEN, "2026-02-10", mark(first)).amount == 0


def test_back_dated_receipt_gives_a_correction() -> None:
    first = charge(OPEN, "2026-02-28")
    later = charge(paid(OPEN, "2026-02-14", "4000"), "2026-03-31", mark(first))
    assert later.correction_amount == Decimal("-18.03")
    assert first.amount + later.amount == later.computation.interest


def test_back_dated_receipt_of_everything_is_a_credit() -> None:
    first = charge(OPEN, "2026-02-28")
    later = charge(paid(OPEN, "2026-01-31", "10000"), "2026-03-31", mark(first))
    assert later.amount == -first.amount


def test_principal_paid_late_still_owes_its_interest() -> None:
    later = charge(paid(OPEN, "2026-03-02", "10000"), "2026-03-31", mark(charge(OPEN, "2026-02-28")))
    assert later.amount == Decimal("6.44")


days_late = st.integers(1, 300)
payments = st.lists(st.tuples(st.integers(-20, 320), st.integers(1, 250_000)), max_size=4)


def claim_with(paid_parts: list[tuple[int, int]], late: int) -> Claim:
    parts = tuple(Payment(DUE + timedelta(days=day), Decimal(cents) / 100) for day, cents in paid_parts)
    return replace(OPEN, payments=parts, until=DUE + timedelta(days=late))


@given(payments, days_late, st.lists(days_late, max_size=5))
def test_charges_in_any_steps_sum_to_the_total(parts: list[tuple[int, int]], late: int, steps: list[int]) -> None:
    claim = claim_with(parts, late)
    charged = None
    for step in [*steps, late]:
        charged = mark(next_charge(UK, replace(claim, until=DUE + timedelta(days=step)), RATES, charged))
    assert charged is not None
    assert charged.amount == compute(UK, replace(claim, until=charged.through_on), RATES).interest


@given(payments, days_late)
def test_lines_agree_with_counting_day_by_day(parts: list[tuple[int, int]], late: int) -> None:
    claim = claim_with(parts, late)
    daily = Fraction(0)
    for ahead in range(1, late + 1):
        day = DUE + timedelta(days=ahead)
        open_amount = claim.amount - sum(part.amount for part in claim.payments if part.paid_on < day)
        daily += Fraction(open_amount) * Fraction("11.75") / 100 / 365
    assert compute(UK, claim, RATES).exact == daily


@given(payments, days_late)
def test_lines_touch_no_day_twice_and_stay_inside(parts: list[tuple[int, int]], late: int) -> None:
    lines = compute(UK, claim_with(parts, late), RATES).lines
    days = [line.from_on + timedelta(days=n) for line in lines for n in range(line.days)]
    assert len(set(days)) == len(days)
    assert all(DUE < day <= DUE + timedelta(days=late) for day in days)


@given(st.integers(0, 11), st.integers(0, 27), st.integers(1, 2000))
def test_monthly_compounding_agrees_with_the_official_formula(months: int, days: int, hundredths: int) -> None:
    """5 CFR 1315.17: P(1+r/12)^n x (1+(r/360 x d)) - P."""
    due = date(2026, 4, 8)
    until = months_after(due, months) + timedelta(days=days)
    yearly = Decimal(hundredths) / 100
    claim = a_claim("1500", str(due), str(until), currency="USD", debtor_type="public", rate=str(yearly))
    rate = Fraction(hundredths, 10_000)
    formula = 1500 * (1 + rate / 12) ** months * (1 + rate / 360 * days) - 1500
    assert compute(SCHEMES["us-prompt-payment"], claim, RATES).exact == formula
