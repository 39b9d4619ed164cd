from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from invoices.rules.discount import Offer, Paid, discounted, earned, missed_by, yearly_rate

LAST = date(2026, 6, 10)
TWO_PERCENT = Offer(D(2), LAST)


def paid(*rows: tuple[int, str]) -> list[Paid]:
    return [Paid(date(2026, 6, day), D(amount)) for day, amount in rows]


@pytest.mark.parametrize(
    ("offer", "receipts", "expected"),
    [
        (TWO_PERCENT, [(10, "980")], "20.00"),  # on the last day
        (TWO_PERCENT, [(11, "980")], "0"),  # a day late: 20.00 stays open
        (TWO_PERCENT, [(1, "500"), (9, "480")], "20.00"),  # several receipts count together
        (TWO_PERCENT, [(9, "979.99")], "0"),  # full only: a cent short earns nothing
        (TWO_PERCENT, [(9, "1000")], "20.00"),  # paid in full although 980 was enough
        (TWO_PERCENT._replace(grace_days=2), [(12, "980")], "20.00"),
        (TWO_PERCENT._replace(is_pro_rata=True), [(9, "490")], "10.00"),
        (TWO_PERCENT._replace(is_pro_rata=True), [(9, "490"), (11, "490")], "10.00"),
        (TWO_PERCENT, [], "0"),
    ],
)
def test_discount_earned(offer, receipts, expected):
    assert earned(D(1000), offer, paid(*receipts), "EUR") == D(expected)


def test_what_settles_the_invoice_in_time():
    assert discounted(D(1000), TWO_PERCENT, "EUR") == D(980)


@pytest.mark.parametrize(
    ("receipts", "days"),
    [([(10, "980")], None), ([(11, "980")], 1), ([(9, "10")], None), ([(1, "500"), (13, "480")], 3)],
)
def test_days_by_which_the_discount_was_missed(receipts, days):
    assert missed_by(D(1000), TWO_PERCENT, paid(*receipts), "EUR") == days


def test_two_ten_net_thirty_costs_37_percent_a_year():
    assert yearly_rate(D(2), 10, 30) == D("37.24")


def test_a_discount_that_ends_with_the_due_date_has_no_rate():
    with pytest.raises(ValueError, match="before the invoice is due"):
        yearly_rate(D(2), 30, 30)
