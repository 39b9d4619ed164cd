"""Amounts as the card processor counts them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.minor_units import (
    AmountNotChargeable,
    check_chargeable,
    decimals,
    from_minor,
    maximum,
    minimum,
    to_minor,
)

EXACT = [
    ("12.34", "EUR", 1234),
    ("0.01", "EUR", 1),
    ("0", "EUR", 0),
    ("12.3400", "EUR", 1234),
    ("12", "usd", 1200),
    ("500", "JPY", 500),
    ("500.00", "JPY", 500),
    ("7", "MGA", 7),
    ("5", "ISK", 500),
    ("5.00", "ISK", 500),
    ("5", "UGX", 500),
    ("10.45", "HUF", 1045),
    ("800.45", "TWD", 80045),
    ("5.120", "KWD", 5120),
    ("5.12", "TND", 5120),
    ("999999.99", "EUR", 99999999),
]


@pytest.mark.parametrize(("amount", "currency", "minor"), EXACT)
def test_amount_becomes_the_whole_number_that_stripe_expects(amount, currency, minor):
    assert to_minor(Decimal(amount), currency) == minor


@pytest.mark.parametrize(("amount", "currency", "minor"), EXACT)
def test_whole_number_becomes_the_amount_again(amount, currency, minor):
    assert from_minor(minor, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [(1230, "EUR", "12.30"), (500, "JPY", "500"), (500, "ISK", "5"), (550, "ISK", "5.50"), (5120, "KWD", "5.120")],
)
def test_amount_has_the_decimals_of_its_currency(minor, currency, shown):
    assert str(from_minor(minor, currency)) == shown


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("12.345", "EUR", "enter 12.34 or 12.35."),
        ("500.5", "JPY", "enter 500 or 501."),
        ("5.5", "ISK", "enter 5 or 6."),
        ("5.5", "UGX", "enter 5 or 6."),
        ("5.124", "KWD", "enter 5.120 or 5.130."),
        ("-1", "EUR", "enter a positive amount."),
        ("NaN", "EUR", "enter a positive amount."),
        ("Infinity", "EUR", "enter a positive amount."),
        ("1E+40", "EUR", "pay by bank transfer."),
        ("1", "EURO", "use three letters such as EUR."),
        ("1", "", "use three letters such as EUR."),
        ("1", "€", "use three letters such as EUR."),
        ("1", "EU\n", "use three letters such as EUR."),
    ],
)
def test_refused_amount_is_explained_in_a_sentence(amount, currency, words):
    with pytest.raises(AmountNotChargeable) as refusal:
        to_minor(Decimal(amount), currency)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("currency", "smallest", "largest"),
    [
        ("EUR", "0.50", "999999.99"),
        ("GBP", "0.30", "999999.99"),
        ("JPY", "50", "9999999999"),
        ("HUF", "175.00", "99999999.99"),
        ("INR", "0.50", "9999999.99"),
        ("IDR", "0.01", "9999999999.99"),
        ("KRW", "1", "99999999"),
        ("ISK", "1", "999999"),
        ("KWD", "0.010", "99999.990"),
    ],
)
def test_limits_of_a_charge(currency, smallest, largest):
    assert (minimum(currency), maximum(currency)) == (Decimal(smallest), Decimal(largest))


@pytest.mark.parametrize("currency", ["EUR", "JPY", "ISK", "KWD", "HUF", "IDR"])
def test_limits_themselves_can_be_charged(currency):
    check_chargeable(minimum(currency), currency)
    check_chargeable(maximum(currency), currency)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("0.49", "EUR", "EUR 0.49 is less than the EUR 0.50 that a card payment needs"),
        ("1000000", "EUR", "EUR 1000000 is more than the EUR 999999.99 that a card payment can carry"),
    ],
)
def test_amount_outside_the_limits_names_the_limit(amount, currency, words):
    with pytest.raises(AmountNotChargeable, match=words):
        check_chargeable(Decimal(amount), currency)


@given(st.integers(0, 10**11), st.sampled_from(["EUR", "JPY", "ISK", "UGX", "KWD", "MGA"]))
def test_there_and_back_changes_nothing(steps, currency):
    unit = {"ISK": 100, "UGX": 100, "KWD": 10}.get(currency, 1)
    assert to_minor(from_minor(steps * unit, currency), currency) == steps * unit


@pytest.mark.parametrize(("currency", "expected"), [("JPY", 0), ("EUR", 2), ("ISK", 2), ("UGX", 2), ("OMR", 3)])
def test_decimals_on_the_wire(currency, expected):
    assert decimals(currency) == expected
