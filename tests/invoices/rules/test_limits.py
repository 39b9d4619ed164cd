from __future__ import annotations

from decimal import Decimal

import pytest

from invoices.rules.limits import Limit, is_small_difference, needs_second_person

LIMIT = Limit(Decimal(500), "GBP")


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("500", "GBP", False), ("500.01", "GBP", True), ("0.01", "EUR", True)],
)
def test_second_person_is_needed_above_the_limit_and_in_other_currencies(amount, currency, expected):
    assert needs_second_person(Decimal(amount), currency, LIMIT) is expected


@pytest.mark.parametrize(
    ("open_amount", "total", "currency", "expected"),
    [
        ("1.00", "100", "GBP", True),
        ("1.01", "100", "GBP", False),
        ("0.00", "100", "GBP", False),
        ("1.00", "1.00", "GBP", False),  # nothing was paid: an unpaid small invoice is no difference
        ("0.50", "100", "EUR", False),
    ],
)
def test_small_difference_is_a_rest_within_the_tolerance(open_amount, total, currency, expected):
    tolerance = Limit(Decimal(1), "GBP")
    assert is_small_difference(Decimal(open_amount), Decimal(total), currency, tolerance) is expected
