from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.money import exponent, is_whole, plain, quantise, quantum, split

D = Decimal


@pytest.mark.parametrize(
    ("currency", "decimals"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("ISK", 0), ("HUF", 2)]
)
def test_exponents_are_those_of_iso_4217(currency, decimals):
    assert exponent(currency) == decimals


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.005", "EUR", "0.01"),
        ("0.0049", "EUR", "0.00"),
        ("-0.005", "EUR", "-0.01"),
        ("2.675", "EUR", "2.68"),
        ("0.5", "JPY", "1"),
        ("1.0005", "KWD", "1.001"),
    ],
)
def test_rounding_is_half_up_to_the_minor_unit(amount, currency, rounded):
    assert quantise(D(amount), currency) == D(rounded)


@pytest.mark.parametrize(
    ("amount", "currency", "printed"),
    [("1234.5", "GBP", "1234.50"), ("1000", "JPY", "1000"), ("1E+3", "KWD", "1000.000")],
)
def test_plain_amounts_have_the_decimals_of_their_currency(amount, currency, printed):
    assert plain(D(amount), currency) == printed


@pytest.mark.parametrize(
    ("amount", "currency", "whole"), [("1.5", "JPY", False), ("1.005", "EUR", False), ("1.005", "KWD", True)]
)
def test_half_cents_cannot_be_paid(amount, currency, whole):
    assert is_whole(D(amount), currency) is whole


@pytest.mark.parametrize(
    ("amount", "weights", "currency", "parts"),
    [
        ("100.00", "1 1 1", "EUR", "33.34 33.33 33.33"),
        ("1000", "1 1 1", "JPY", "334 333 333"),
        ("500.00", "333.33 333.33 333.34", "EUR", "166.67 166.66 166.67"),
        ("0.01", "1 1", "EUR", "0.01 0.00"),
        ("10.00", "0 1", "EUR", "0.00 10.00"),
        ("-100.00", "1 1 1", "EUR", "-33.34 -33.33 -33.33"),
    ],
)
def test_parts_go_by_weight_and_largest_remainder(amount, weights, currency, parts):
    found = split(D(amount), [D(w) for w in weights.split()], currency)
    assert found == [D(p) for p in parts.split()]


@given(
    units=st.integers(-(10**12), 10**12),
    weights=st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=12).filter(any),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_parts_always_sum_to_the_whole(units, weights, currency):
    amount = units * quantum(currency)
    parts = split(amount, weights, currency)
    assert sum(parts) == amount
    assert all(is_whole(part, currency) for part in parts)


@given(units=st.integers(0, 10**9), weights=st.lists(st.integers(1, 1000).map(Decimal), min_size=1, max_size=12))
def test_no_part_is_further_than_one_unit_from_its_exact_share(units, weights):
    parts = split(units * D("0.01"), weights, "EUR")
    exact = [units * w / sum(weights) / 100 for w in weights]
    assert all(abs(part - share) < D("0.01") for part, share in zip(parts, exact, strict=True))


@pytest.mark.parametrize(("amount", "weights"), [("1.00", "0 0"), ("1.00", "-1 2"), ("1.005", "1 1")])
def test_what_cannot_sum_to_the_whole_is_refused(amount, weights):
    with pytest.raises(ValueError):
        split(D(amount), [D(w) for w in weights.split()], "EUR")
