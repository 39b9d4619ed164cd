"""Allowances and surcharges on the whole invoice, spread over tax categories and rates."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.adjusting import Adjustment, CannotAdjust, gathered, spread, sum_of
from invoices.rules.invoicing import LineAmounts, line_net, totals

D = Decimal


def line(net: str, rate: str = "20", category: str = "S") -> LineAmounts:
    return LineAmounts(D(1), D(net), D(0), D(rate), category)


MIXED = [line("100"), line("50", "5"), line("50", "0", "Z")]


def nets(rows: list, currency: str = "EUR") -> list[tuple[str, Decimal, Decimal]]:
    return [(row.amounts.tax_category, row.amounts.tax_rate, line_net(row.amounts, currency)) for row in rows]


def test_amount_is_spread_over_the_rates_in_proportion() -> None:
    rows = spread([Adjustment("allowance", "Goodwill", amount=D(20))], MIXED, "EUR")
    assert nets(rows) == [("S", D(20), D(-10)), ("S", D(5), D(-5)), ("Z", D(0), D(-5))]


def test_percent_is_of_the_lines_of_each_rate() -> None:
    rows = spread([Adjustment("surcharge", "Packing", percent=D("2.5"))], MIXED, "EUR")
    assert nets(rows) == [("S", D(20), D("2.50")), ("S", D(5), D("1.25")), ("Z", D(0), D("1.25"))]


def test_percentages_are_of_the_lines_not_of_one_another() -> None:
    ten = Adjustment("allowance", "Ten", percent=D(10))
    rows = spread([ten, ten._replace(description="Ten more")], [line("100")], "EUR")
    assert totals([line("100"), *[row.amounts for row in rows]], "EUR") == (D(80), D(16), D(96))


@pytest.mark.parametrize("lines", [[], [line("0")], [line("5"), line("-5")]])
def test_nothing_to_spread_over_is_said(lines: list[LineAmounts]) -> None:
    with pytest.raises(CannotAdjust, match="come to nothing"):
        spread([Adjustment("allowance", "Goodwill", amount=D(1))], lines, "EUR")


def test_amount_that_nobody_can_pay_is_refused() -> None:
    with pytest.raises(CannotAdjust, match=r"“Goodwill”: 0.5 is not an amount in JPY"):
        spread([Adjustment("allowance", "Goodwill", amount=D("0.5"))], [line("100")], "JPY")


def test_sum_while_there_are_no_lines_is_nothing() -> None:
    assert sum_of(Adjustment("allowance", "Goodwill", amount=D(1)), [], "EUR") == 0


@given(
    amount=st.integers(1, 99_999).map(lambda n: D(n) / 100),
    prices=st.lists(
        st.tuples(st.integers(1, 99_999), st.sampled_from(["0", "5", "20"]), st.sampled_from(["S", "Z"])), min_size=1
    ),
)
def test_rows_of_an_amount_sum_to_it_and_are_gathered_again(amount: Decimal, prices: list) -> None:
    lines = [line(str(D(cents) / 100), rate, category) for cents, rate, category in prices]
    one = Adjustment("surcharge", "Freight", amount=amount)
    rows = spread([one], lines, "EUR")
    assert sum(line_net(row.amounts, "EUR") for row in rows) == amount
    assert gathered(rows) == [one]


def test_percent_is_gathered_again() -> None:
    one = Adjustment("allowance", "Loyalty", percent=D(3))
    assert gathered(spread([one], MIXED, "EUR")) == [one]
