"""Interest on an invoice in parts: each part from its own due date, rounded once on the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.interest.charging import Charged, next_charge
from invoices.rules.interest.computing import compute
from invoices.rules.interest.records import Claim, ClaimPart
from invoices.rules.interest.refusals import InterestRefused
from tests.invoices.rules.interest_cases import RATES, SCHEMES, a_claim

UK = SCHEMES["uk-1998"]


def in_parts(until: str, parts: str, payments: str = "") -> Claim:
    """`parts` as "2026-01-31=4000 2026-02-28=6000"."""
    pairs = [pair.split("=") for pair in parts.split()]
    found = tuple(ClaimPart(date.fromisoformat(day), Decimal(amount)) for day, amount in pairs)
    total = str(sum(part.amount for part in found))
    return replace(a_claim(total, pairs[0][0], until, payments=payments, currency="GBP"), parts=found)


# until, parts, payments; days, interest, fixed sum
WORKED = """
2026-03-31 | 2026-01-31=10000                       |                                  | 59 | 189.93 | 100
2026-03-31 | 2026-01-31=4000 2026-02-28=6000        |                                  | 59 | 135.85 | 70
2026-03-31 | 2026-01-31=4000 2026-02-28=6000        | 2026-01-31=4000                  | 31 | 59.88  | 70
2026-03-31 | 2026-01-31=4000 2026-02-28=6000        | 2026-01-31=4000 2026-02-28=6000  | 0  | 0.00   | 0
2026-03-31 | 2026-01-31=4000 2026-02-28=6000        | 2026-02-14=10000                 | 14 | 18.03  | 70
2026-02-10 | 2026-01-31=500 2026-06-30=99500        |                                  | 10 | 1.61   | 40
"""


@pytest.mark.parametrize("row", WORKED.strip().splitlines())
def test_worked_number(row: str) -> None:
    until, parts, payments, days, interest, fixed = (cell.strip() for cell in row.split("|"))
    found = compute(UK, in_parts(until, parts, payments), RATES)
    assert (found.days, found.interest, found.fixed_sum) == (int(days), Decimal(interest), Decimal(fixed))


def test_parts_are_named_in_the_evidence() -> None:
    found = compute(UK, in_parts("2026-03-31", "2026-01-31=4000 2026-02-28=6000"), RATES)
    assert "in 2 parts" in found.notes[0]
    assert "4000.00 due 2026-01-31, 6000.00 due 2026-02-28" in found.notes[0]


def test_parts_that_miss_the_whole_are_refused() -> None:
    claim = replace(in_parts("2026-03-31", "2026-01-31=4000 2026-02-28=6000"), amount=Decimal(9999))
    with pytest.raises(InterestRefused, match="The parts sum to 10000"):
        compute(UK, claim, RATES)


def test_part_that_comes_up_is_charged_from_its_own_date_after_the_first_was_charged() -> None:
    claim = in_parts("2026-02-28", "2026-01-31=4000 2026-03-15=6000", "2026-02-14=4000")
    first = next_charge(UK, claim, RATES)
    second = next_charge(UK, replace(claim, until=date(2026, 3, 31)), RATES, Charged(date(2026, 2, 28), first.amount))
    assert (first.amount, second.amount) == (Decimal("18.03"), Decimal("30.90"))


amounts = st.integers(1, 500_000).map(lambda pence: Decimal(pence) / 100)
days = st.dates(date(2026, 1, 1), date(2026, 6, 29))


@given(st.lists(st.tuples(days, amounts), min_size=1, max_size=4), st.lists(st.tuples(days, amounts), max_size=4))
def test_parts_cost_what_invoices_of_their_own_would_if_paid_oldest_first(parts, payments) -> None:
    parts = sorted(parts)
    total = sum(amount for _, amount in parts)
    text, left = [], total
    for day, amount in sorted(payments):
        if left and (paid := min(amount, left)):
            text.append(f"{day}={paid}")
            left -= paid
    until = "2026-06-30"
    whole = compute(UK, in_parts(until, " ".join(f"{d}={a}" for d, a in parts), " ".join(text)), RATES)
    paid = [(date.fromisoformat(pair[:10]), Decimal(pair[11:])) for pair in text]
    exact = Fraction(0)
    for due, amount in parts:
        own, rest = [], amount
        for n, (day, money) in enumerate(paid):
            used = min(money, rest)
            paid[n], rest = (day, money - used), rest - used
            own += [f"{day}={used}"] if used else []
        exact += compute(UK, a_claim(str(amount), str(due), until, payments=" ".join(own), currency="GBP"), RATES).exact
    assert whole.exact == exact
