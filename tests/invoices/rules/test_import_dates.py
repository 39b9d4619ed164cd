"""One layout of dates per column."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from invoices.rules.importing.dates import (
    DateEvidence,
    DateLayout,
    OrderEvidence,
    date_readings,
    decide_dates,
    parse_date,
)
from invoices.rules.importing.records import FileUnusable

D, M, ISO, NAMED, SERIAL = (
    DateLayout.DMY,
    DateLayout.MDY,
    DateLayout.ISO,
    DateLayout.NAMED,
    DateLayout.SERIAL,
)
FOURTH_OF_MAY = [
    ("2024-05-04", ISO),
    ("20240504", ISO),
    ("2024/5/4", ISO),
    ("2024-05-04T23:59:00Z", ISO),
    (datetime(2024, 5, 4, 13), ISO),
    (date(2024, 5, 4), ISO),
    ("4/5/2024", D),
    ("04.05.24", D),
    ("4-5-2024", D),
    ("5/4/2024", M),
    ("5/4/2024 12:00:00 AM", M),
    ("05-04-24", M),
    ("4 May 2024", NAMED),
    ("4-May-24", NAMED),
    ("May 4, 2024", NAMED),
    ("4. Mai 2024", NAMED),
    ("4 mai 2024", NAMED),
    ("4 de mayo de 2024", NAMED),
    ("4 mei 2024", NAMED),
    ("45416", SERIAL),
    (Decimal(45416), SERIAL),
]


@pytest.mark.parametrize(("cell", "layout"), FOURTH_OF_MAY)
def test_a_date_is_read_in_its_layout(cell, layout):
    assert parse_date(cell, layout) == date(2024, 5, 4)


@pytest.mark.parametrize("cell", ["", "n/a", "31/02/2024", "2024-13-01", "00/00/0000", "99999", "1/2", "x" * 1000])
def test_what_is_no_date_fits_no_layout(cell):
    assert date_readings(cell) == {}


def decided(*columns: list[str], chosen: DateLayout | None = None) -> list[DateLayout]:
    """The layouts of the columns; the first is the date of issue, the second the due date."""
    evidence = {str(place): DateEvidence(f"column {place}") for place in range(len(columns))}
    order = OrderEvidence()
    for row in zip(*columns, strict=True):
        for place, cell in enumerate(row):
            evidence[str(place)].add(date_readings(cell))
        if len(row) > 1:
            order.add(date_readings(row[0]), date_readings(row[1]))
    return list(decide_dates(evidence, order, chosen).values())


DECIDED = [
    ([["13/02/2024", "01/02/2024"]], [D]),
    ([["02/13/2024", "01/02/2024"]], [M]),
    ([["01/02/2024"], ["15/02/2024"]], [D, D]),  # the sibling decides
    ([["01/02/2024"], ["03/01/2024"]], [M, M]),  # 1 February cannot fall due on 3 January
    ([["05/05/2024"]], [D]),  # the same day in both
    ([["2024-05-04", "13/02/2024", "2024-05-05"]], [ISO]),  # the odd one is that row's error
    ([["13/02/2024"] * 40 + ["02/13/2024", "01/02/2024"]], [D]),
    ([["13/02/2024", "25/12/2024", "02/13/2024"]], [D]),  # nothing in doubt but the odd one
    ([["", "n/a"]], [ISO]),
]


@pytest.mark.parametrize(("columns", "layouts"), DECIDED)
def test_a_column_has_one_layout(columns, layouts):
    assert decided(*columns) == layouts


UNDECIDED = [
    ([["01/02/2024", "03/04/2024"]], "--dates dmy"),
    ([["01/02/2024"], ["01/03/2024"]], "--dates dmy"),
    ([["13/02/2024", "02/13/2024", "01/02/2024"]], "mixes"),
    ([["2024-05-04", "13/02/2024"]], "mixes"),
]


@pytest.mark.parametrize(("columns", "reason"), UNDECIDED)
def test_what_the_file_cannot_tell_is_never_guessed(columns, reason):
    with pytest.raises(FileUnusable, match=reason):
        decided(*columns)


@pytest.mark.parametrize("layout", [D, M])
def test_a_person_can_say_how_dates_are_written(layout):
    assert decided(["01/02/2024"], chosen=layout) == [layout]


def test_a_layout_chosen_for_slashes_leaves_iso_columns_alone():
    assert decided(["01/02/2024"], ["2024-03-01"], chosen=D) == [D, ISO]


def test_another_layout_than_the_columns_is_that_rows_error():
    with pytest.raises(ValueError, match="not written as the other dates"):
        parse_date("2024-05-04", D)
