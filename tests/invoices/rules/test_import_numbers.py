"""Amounts, one decimal mark per column."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.importing.numbers import DecimalMark, NumberEvidence, decide_marks, parse_amount
from invoices.rules.importing.records import FileUnusable

POINT, COMMA = DecimalMark.POINT, DecimalMark.COMMA
AMOUNTS = [
    ("1,234.56", POINT, "1234.56"),
    ("1.234,56", COMMA, "1234.56"),
    ("1 234,56", COMMA, "1234.56"),
    ("1\u202f234,56", COMMA, "1234.56"),
    ("(12.00)", POINT, "-12.00"),
    ("12.00-", POINT, "-12.00"),
    ("\u221212.00", POINT, "-12.00"),
    ("€ 12", POINT, "12"),
    ("12,50 €", COMMA, "12.50"),
    ("-€5.00", POINT, "-5.00"),
    ("CHF 1'234.50", POINT, "1234.50"),
    ("CHF 12.-", POINT, "12"),
    ("1,23,456.78", POINT, "123456.78"),
    ("1,234", POINT, "1234"),
    ("1,234", COMMA, "1.234"),
    (".5", POINT, "0.5"),
    (Decimal("12.5"), COMMA, "12.5"),
]


@pytest.mark.parametrize(("cell", "mark", "value"), AMOUNTS)
def test_an_amount_is_read_under_its_columns_mark(cell, mark, value):
    assert parse_amount(cell, mark).value == Decimal(value)


@pytest.mark.parametrize("cell", ["", "abc", "1.2E+05", "5%", "--5", "1,2,3", "12 apples", "NaN", "1.234,56", "1" * 50])
def test_what_is_no_amount_is_refused(cell):
    with pytest.raises(ValueError, match=r"amount|currency"):
        parse_amount(cell, POINT)


@pytest.mark.parametrize(
    ("cell", "currencies"),
    [("€ 5", {"EUR"}), ("5 CHF", {"CHF"}), ("zł 5", {"PLN"}), ("¥5", {"JPY", "CNY"})],
)
def test_a_symbol_says_only_what_it_can_mean(cell, currencies):
    assert parse_amount(cell, POINT).currencies == currencies


def decided(*columns: list[str], has_thousandths: bool = False) -> list[DecimalMark]:
    evidence = {str(place): NumberEvidence(f"column {place}") for place in range(len(columns))}
    for place, cells in enumerate(columns):
        for cell in cells:
            evidence[str(place)].add(cell)
    return list(decide_marks(evidence, has_thousandths=has_thousandths).values())


DECIDED = [
    ([["1,234.56", "1,234"]], [POINT]),
    ([["1.234,56", "1.234"]], [COMMA]),
    ([["12,5", "1.234"]], [COMMA]),
    ([["0,125", "1,234"]], [COMMA]),
    ([["1,234"], ["0,50"]], [COMMA, COMMA]),  # the sibling decides
    ([["1,234", "5,000"]], [POINT]),  # no currency here has thousandths
    ([["1.234", "5.000"]], [COMMA]),
    ([["12", "13"]], [POINT]),
    ([["12.50", "13.50", "12,50"]], [POINT]),  # nothing in doubt but the odd one
]


@pytest.mark.parametrize(("columns", "marks"), DECIDED)
def test_a_column_has_one_mark(columns, marks):
    assert decided(*columns) == marks


UNDECIDED = [([["12.50", "12,50"]], False), ([["1,234", "1.234"]], False), ([["1,234"]], True)]


@pytest.mark.parametrize(("columns", "has_thousandths"), UNDECIDED)
def test_a_mark_in_doubt_makes_the_file_unusable(columns, has_thousandths):
    with pytest.raises(FileUnusable):
        decided(*columns, has_thousandths=has_thousandths)


@given(st.decimals(min_value=0, max_value=10**11, places=2))
def test_a_printed_amount_comes_back_exactly(amount):
    german = f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
    assert parse_amount(f"{amount:,.2f}", POINT).value == amount == parse_amount(german, COMMA).value
