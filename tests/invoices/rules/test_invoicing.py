from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.invoicing import LineAmounts, line_net, tax_lines, totals

D = Decimal


def line(price: str, rate: str = "0", quantity: str = "1", discount: str = "0") -> LineAmounts:
    return LineAmounts(D(quantity), D(price), D(discount), D(rate))


@pytest.mark.parametrize(
    ("lines", "currency", "net", "tax"),
    [
        ([line("0.33", "20")] * 3, "EUR", "0.99", "0.20"),  # per rate, not 3 x 0.07
        ([line("100", "20"), line("50", "5")], "EUR", "150.00", "22.50"),
        ([line("19.99", "19", "3", "10")], "EUR", "53.97", "10.25"),
        ([line("333", "10")], "JPY", "333", "33"),
        ([line("1.2345", "5")], "KWD", "1.235", "0.062"),
        ([line("0.125")], "EUR", "0.13", "0"),
        ([line("100", "20"), line("-40", "20")], "EUR", "60.00", "12.00"),
        ([], "EUR", "0", "0"),
    ],
)
def test_totals(lines, currency, net, tax):
    assert totals(lines, currency) == (D(net), D(tax), D(net) + D(tax))


def test_discount_is_taken_before_the_line_is_rounded():
    assert line_net(line("0.05", quantity="1", discount="50"), "EUR") == D("0.03")


def test_rates_stand_apart_and_in_order():
    found = tax_lines([line("10", "20"), line("10", "5"), line("10", "20")], "EUR")
    assert found == [(D(5), D(10), D("0.50"), "S"), (D(20), D(20), D("4.00"), "S")]


@given(
    st.lists(
        st.builds(
            line,
            price=st.decimals(-1000, 1000, places=4).map(str),
            rate=st.sampled_from(["0", "5", "7.5", "20"]),
            quantity=st.decimals(0, 100, places=3).map(str),
        )
    )
)
def test_net_and_tax_sum_to_the_total(lines):
    found = totals(lines, "EUR")
    assert found.net + found.tax == found.total
    assert found.net == sum((line_net(each, "EUR") for each in lines), D(0))
