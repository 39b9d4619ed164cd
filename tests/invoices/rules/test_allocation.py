from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.allocation import Payable, in_order, oldest_first, suggest

DAY = date(2026, 3, 2)


def payables(*amounts: str) -> list[Payable]:
    """Due one day after the other."""
    return [Payable(n, f"INV-{n}", DAY + timedelta(days=n), Decimal(a)) for n, a in enumerate(amounts, start=1)]


@pytest.mark.parametrize(
    ("amount", "open_amounts", "shares"),
    [
        ("25.00", "4.00 7.00 9.00", "4.00 7.00 9.00"),  # and 5.00 on account
        ("10.00", "4.00 7.00 9.00", "4.00 6.00"),
        ("4.00", "4.00 7.00", "4.00"),
        ("0.00", "4.00", ""),
        ("5.00", "", ""),
    ],
)
def test_items_are_paid_one_after_the_other(amount, open_amounts, shares):
    found = in_order(Decimal(amount), payables(*open_amounts.split()))
    assert [share.amount for share in found] == [Decimal(s) for s in shares.split()]


def test_oldest_goes_by_due_date_then_number():
    first, second, third = payables("1.00", "1.00", "1.00")
    same_day = third._replace(due_on=second.due_on, number="INV-1B")
    assert [s.invoice_id for s in oldest_first(Decimal(3), [second, same_day, first])] == [1, 3, 2]


@pytest.mark.parametrize(
    ("amount", "paid"),
    [("7.00", [2]), ("5.00", [1, 2]), ("9.00", [1, 2])],
    ids=["the one exact item", "oldest", "two exact"],
)
def test_one_item_of_exactly_this_amount_goes_first(amount, paid):
    open_amounts = ("4.00", "7.00", "9.00", "9.00")
    assert [share.invoice_id for share in suggest(Decimal(amount), payables(*open_amounts))] == paid


amounts = st.decimals(Decimal("0.01"), 1000, places=2)


@given(amount=amounts, open_amounts=st.lists(amounts, max_size=10))
def test_no_more_is_allocated_than_there_is_or_is_open(amount, open_amounts):
    items = payables(*map(str, open_amounts))
    shares = oldest_first(amount, items)
    assert sum(share.amount for share in shares) == min(amount, sum(open_amounts))
    assert all(0 < share.amount <= items[share.invoice_id - 1].open_amount for share in shares)
