from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.discount_tax import TaxRule, tax_part
from invoices.rules.limits import Limit
from invoices.rules.settlements import Asked, Authority, needs_manager, refusal, shares, waived_percent

TODAY = date(2026, 6, 1)
LATER = date(2026, 6, 30)


def asked(amount: str, *open_amounts: str, currency: str = "GBP", expires_on: date = LATER) -> Asked:
    return Asked([Decimal(one) for one in open_amounts], Decimal(amount), currency, expires_on)


def test_shares_follow_what_is_open_by_largest_remainder():
    assert shares(asked("800.00", "333.33", "333.33", "333.34")) == [
        Decimal("266.67"),
        Decimal("266.66"),
        Decimal("266.67"),
    ]


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=8), st.data())
def test_shares_sum_to_the_settlement_and_none_is_above_its_item(cents, data):
    if sum(cents) < 2:
        return
    amount = Decimal(data.draw(st.integers(1, sum(cents) - 1))) / 100
    items = [Decimal(one) / 100 for one in cents]
    parts = shares(Asked(items, amount, "GBP", LATER))
    assert sum(parts) == amount
    assert all(0 <= part <= item for part, item in zip(parts, items, strict=True))


@pytest.mark.parametrize(
    ("amount", "whole", "currency", "is_needed"),
    [
        ("900.00", "1000.00", "GBP", False),  # exactly 10 %
        ("899.99", "1000.00", "GBP", True),
        ("9500.00", "10000.00", "GBP", False),  # 5 %, and exactly the limit
        ("9499.99", "10000.00", "GBP", True),
        ("999.00", "1000.00", "EUR", True),  # the limit does not speak of euros
    ],
)
def test_a_manager_decides_above_the_share_or_the_limit(amount, whole, currency, is_needed):
    authority = Authority(10, Limit(Decimal(500), "GBP"))
    assert needs_manager(asked(amount, whole, currency=currency), authority) is is_needed


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (asked("1000.00", "1000.00"), "less than what is open"),
        (asked("0", "1000.00"), "above 0"),
        (asked("0.001", "1000.00"), "not an amount"),
        (asked("800", "1000.00", expires_on=TODAY - timedelta(days=1)), "past"),
        (asked("800", "1000.00", expires_on=TODAY + timedelta(days=91)), "latest day"),
        (asked("800"), "at least one"),
    ],
)
def test_what_cannot_be_offered_is_said(request_, words):
    assert words in (refusal(request_, TODAY) or "")


def test_what_can_be_offered_is_not_refused():
    assert refusal(asked("800", "1000.00", expires_on=TODAY), TODAY) is None


def test_share_waived_is_for_people_to_a_tenth():
    assert waived_percent(Decimal(1000), Decimal(800)) == Decimal("20.0")


@pytest.mark.parametrize(
    ("amount", "tax", "total", "follows", "part"),
    [
        ("20.00", "200.00", "1200.00", True, "3.33"),
        ("24.00", "200.00", "1200.00", True, "4.00"),
        ("20.00", "200.00", "1200.00", False, "0"),
        ("20.00", "0", "1000.00", True, "0.00"),
    ],
)
def test_tax_inside_a_discount(amount, tax, total, follows, part):
    rule = TaxRule(follows, "source")
    found = tax_part(Decimal(amount), tax=Decimal(tax), total=Decimal(total), currency="GBP", rule=rule)
    assert found == Decimal(part)
