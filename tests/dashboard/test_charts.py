"""Charts are well-formed, say their figures, and carry no inline style (the CSP forbids it)."""

from __future__ import annotations

from decimal import Decimal
from xml.etree import ElementTree

import pytest

from collections_app.dashboard import charts

PARTS = [
    charts.Part("Current", Decimal(300), "300.00 EUR", "b0", "/invoices/?bucket=current"),
    charts.Part("1–30 & late", Decimal(100), "100.00 EUR", "b1"),
    charts.Part("Credit", Decimal(-50), "-50.00 EUR", "b5"),
]
BAR = charts.stacked_bar("Ageing", PARTS)
COLUMNS = charts.stacked_columns("By month", [charts.Group("May", PARTS, "400.00 EUR"), charts.Group("Jun", [], "0")])
LINE = charts.line("DSO", [charts.Point(f"W{n}", None if n == 3 else Decimal(n), f"{n} days") for n in range(9)])
EMPTY = charts.stacked_bar("Nothing", [])


@pytest.mark.parametrize("chart", [BAR, COLUMNS, LINE, EMPTY, charts.line("L", []), charts.stacked_columns("C", [])])
def test_the_drawing_is_well_formed_and_has_no_inline_style(chart: charts.Chart) -> None:
    assert not [node for node in ElementTree.fromstring(chart.svg).iter() if "style" in node.attrib]


def test_the_bar_is_split_by_share() -> None:
    widths = [float(node.attrib["width"]) for node in ElementTree.fromstring(BAR.svg).iter("rect")]
    assert widths == [478.5, 158.5]


def test_a_part_with_a_list_behind_it_is_a_link() -> None:
    link = ElementTree.fromstring(BAR.svg).find("a")
    assert link is not None
    assert link.attrib["href"] == "/invoices/?bucket=current"


def test_the_summary_says_every_figure() -> None:
    label = ElementTree.fromstring(BAR.svg).attrib["aria-label"]
    assert label == "Ageing. Current 300.00 EUR, 1–30 & late 100.00 EUR, Credit -50.00 EUR"


def test_the_columns_come_with_their_figures_as_a_table() -> None:
    assert COLUMNS.rows[0] == ["May", "300.00 EUR", "100.00 EUR", "-50.00 EUR", "400.00 EUR"]


def test_a_missing_value_leaves_a_gap_in_the_line() -> None:
    paths = [
        node.attrib["d"] for node in ElementTree.fromstring(LINE.svg).iter("path") if "line" in node.attrib["class"]
    ]
    assert paths[0].count("M") == 2


@pytest.mark.parametrize(
    ("value", "top"), [(0, 4), (7, 8), (10, 10), (95_000, 100_000), (101, 120), (1_250_000, 1_600_000)]
)
def test_the_axis_ends_at_a_round_figure(value: float, top: float) -> None:
    assert charts.nice_top(value) == top
