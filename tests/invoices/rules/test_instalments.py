from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.instalments import (
    CannotSplit,
    Frequency,
    Part,
    Share,
    add_months,
    equal_instalments,
    split_by_terms,
)

# The worked example of the design: Tryton's split terms.
QUARTERS = [
    Part(Share.PERCENT_OF_REMAINDER, D(25), days=30),
    Part(Share.PERCENT_OF_TOTAL, D(25), months=1),
    Part(Share.FIXED, D("396.84"), months=1, days=30),
    Part(Share.REMAINDER, months=2, days=30, day_of_month=15),
]


def test_split_terms_sum_to_the_whole_on_their_dates():
    parts = split_by_terms(D("1587.35"), QUARTERS, date(2011, 10, 1), "EUR")
    assert parts == [
        (date(2011, 10, 31), D("396.84")),
        (date(2011, 11, 1), D("396.84")),
        (date(2011, 12, 1), D("396.84")),
        (date(2012, 1, 14), D("396.83")),
    ]


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [Part(Share.FIXED, D(10))],
        [Part(Share.PERCENT_OF_TOTAL, D(50)), Part(Share.PERCENT_OF_TOTAL, D(50))],
        [Part(Share.FIXED, D(500)), Part(Share.REMAINDER)],
        [Part(Share.PERCENT_OF_TOTAL, D(100)), Part(Share.REMAINDER)],
    ],
)
def test_a_split_that_cannot_sum_to_the_whole_is_refused(parts):
    with pytest.raises(CannotSplit):
        split_by_terms(D(100), parts, date(2026, 1, 1), "EUR")


@pytest.mark.parametrize(
    ("total", "count", "currency", "amounts"),
    [
        ("100.00", 3, "EUR", ["33.34", "33.33", "33.33"]),
        ("1000", 3, "JPY", ["334", "333", "333"]),
        ("1.000", 3, "KWD", ["0.334", "0.333", "0.333"]),
        ("5.00", 1, "EUR", ["5.00"]),
    ],
)
def test_equal_instalments(total, count, currency, amounts):
    found = equal_instalments(D(total), count, date(2026, 1, 31), currency)
    assert [part.amount for part in found] == [D(amount) for amount in amounts]


def test_monthly_dates_are_anchored_on_the_first():
    dates = [part.due_on for part in equal_instalments(D(100), 4, date(2026, 1, 31), "EUR")]
    assert dates == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_fortnights():
    parts = equal_instalments(D(90), 3, date(2026, 1, 1), "EUR", frequency=Frequency.FORTNIGHTLY)
    assert [part.due_on for part in parts] == [date(2026, 1, 1), date(2026, 1, 15), date(2026, 1, 29)]


def test_more_parts_than_cents_are_refused():
    with pytest.raises(CannotSplit, match="some would be nothing"):
        equal_instalments(D("0.02"), 3, date(2026, 1, 1), "EUR")


@given(cents=st.integers(100, 10**9), count=st.integers(1, 60))
def test_parts_sum_to_the_whole_and_differ_by_a_cent_at_most(cents, count):
    amounts = [part.amount for part in equal_instalments(D(cents) / 100, count, date(2026, 1, 1), "EUR")]
    assert sum(amounts) == D(cents) / 100
    assert max(amounts) - min(amounts) <= D("0.01")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_add_months(day, months, expected):
    assert add_months(day, months) == expected
