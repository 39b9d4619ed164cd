"""One layout of dates per column, found over all its values; never guessed row by row.

D/M/Y and M/D/Y cannot be told apart by one value such as 04/05/2024. The column decides; if it cannot, the other date
columns of
the same file do; if they cannot, the reading under which nothing falls due before it was issued; else the file is
refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from .month_names import MONTHS
from .records import Cell, FileUnusable

FIRST_YEAR, LAST_YEAR = 1950, 2150
LONGEST = 60  # characters of a date; what is longer is none
SERIAL_DAY_ZERO = date(1899, 12, 30)  # Excel's day 0, with its 29 February 1900 counted in


class DateLayout(StrEnum):
    """How the dates of a column are written. Cells that a spreadsheet itself calls dates count as year first."""

    ISO = "iso"  # 2024-05-04, 2024/5/4, 20240504, with or without a time
    DMY = "dmy"  # 4/5/2024, 04.05.24, 4-5-2024, 04052024
    MDY = "mdy"  # 5/4/2024, 05-04-24
    NAMED = "named"  # 4 May 2024, 4-May-24, May 4, 2024, 4. Mai 2024
    SERIAL = "serial"  # 45416: a spreadsheet's day number


Readings = Mapping[DateLayout, date]
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})\s?([-/. ])\s?(\d{{1,2}})\s?\2\s?(\d{{4}}|\d{{2}}){_TIME}")
_DAY_NAMED = re.compile(
    r"(?:[^\W\d]{2,10}\.?,? )?(\d{1,2})(?:st|nd|rd|th|er|\.|º)?[- /]?(?:de )?"
    r"([^\W\d]{3,10})\.?[- /,]{0,2}(?:de )?(\d{4}|\d{2})"
)
_NAME_FIRST = re.compile(r"([^\W\d]{3,10})\.?[- ](\d{1,2})(?:st|nd|rd|th)?,?[- ](\d{4}|\d{2})")


def date_readings(cell: Cell) -> Readings:
    """Every layout that this cell fits, with the date it then means. Empty: it is no date."""
    if isinstance(cell, date):
        return {DateLayout.ISO: cell.date() if isinstance(cell, datetime) else cell}
    text = cell if isinstance(cell, str) else f"{cell:f}"
    return _readings(text.strip()) if len(text) <= LONGEST else {}


@lru_cache(maxsize=20_000)
def _readings(text: str) -> Readings:
    if text.isdecimal() and text.isascii():
        return _of_digits(text)
    if match := _YEAR_FIRST.fullmatch(text):
        return _only(DateLayout.ISO, match[1], match[3], match[4])
    if match := _YEAR_LAST.fullmatch(text):
        first, mark, second, year = match.groups()
        found = _only(DateLayout.DMY, year, second, first)
        # Nobody writes month.day.year with full stops.
        return found if mark == "." else {**found, **_only(DateLayout.MDY, year, first, second)}
    if match := _DAY_NAMED.fullmatch(text):
        return _only(DateLayout.NAMED, match[3], _month(match[2]), match[1])
    if match := _NAME_FIRST.fullmatch(text):
        return _only(DateLayout.NAMED, match[3], _month(match[1]), match[2])
    return {}


def _of_digits(text: str) -> Readings:
    if len(text) == 8:
        return {
            **_only(DateLayout.ISO, text[:4], text[4:6], text[6:]),
            **_only(DateLayout.DMY, text[4:], text[2:4], text[:2]),
            **_only(DateLayout.MDY, text[4:], text[:2], text[2:4]),
        }
    if len(text) == 5:
        day = SERIAL_DAY_ZERO + timedelta(days=int(text))
        return {DateLayout.SERIAL: day} if FIRST_YEAR <= day.year <= LAST_YEAR else {}
    return {}


def _month(name: str) -> int:
    return MONTHS.get(name.casefold(), 0)


def _only(layout: DateLayout, year: str, month: str | int, day: str) -> Readings:
    number = int(year)
    if len(year) == 2:  # as spreadsheets do: 00-69 is this century
        number += 2000 if number < 70 else 1900
    try:
        found = date(number, int(month), int(day))
    except ValueError:
        return {}
    return {layout: found} if FIRST_YEAR <= number <= LAST_YEAR else {}


def parse_date(cell: Cell, layout: DateLayout, *, is_forced: bool = False) -> date:
    """The date of a cell in its column's layout. A spreadsheet's own date stands under a layout that a person chose.

    Raises ValueError with the reason.
    """
    readings = date_readings(cell)
    if layout in readings:
        return readings[layout]
    if is_forced and isinstance(cell, date):
        return readings[DateLayout.ISO]
    if readings:
        raise ValueError(f"is not written as the other dates of this column ({DESCRIPTIONS[layout]}).")
    raise ValueError(f"is not a date ({DESCRIPTIONS[layout]}).")


DESCRIPTIONS = {
    DateLayout.ISO: "year-month-day",
    DateLayout.DMY: "day/month/year",
    DateLayout.MDY: "month/day/year",
    DateLayout.NAMED: "with the month's name",
    DateLayout.SERIAL: "a spreadsheet's day number",
}
_IN_DOUBT = frozenset({DateLayout.DMY, DateLayout.MDY})


@dataclass(slots=True)
class DateEvidence:
    """What the values of one column say about its layout."""

    header: str
    seen: Counter[frozenset[DateLayout]] = field(default_factory=Counter)
    harmless: int = 0  # 5/5/2024 is the same day in both readings: it says nothing, and leaves nothing in doubt

    def add(self, readings: Readings) -> None:
        if len(readings) == 2 and readings.get(DateLayout.DMY) == readings.get(DateLayout.MDY):
            self.harmless += 1
        elif readings:
            self.seen[frozenset(readings)] += 1

    def fits(self, layout: DateLayout) -> int:
        return sum(count for layouts, count in self.seen.items() if layout in layouts)

    @property
    def in_doubt(self) -> int:
        return self.seen[_IN_DOUBT]


@dataclass(slots=True)
class OrderEvidence:
    """How often something would fall due before it was issued, were all the file's doubtful dates read in one
    layout."""

    wrong: Counter[DateLayout] = field(default_factory=Counter)

    def add(self, issued: Readings, due: Readings) -> None:
        for layout in _IN_DOUBT:
            if layout in issued and layout in due and due[layout] < issued[layout]:
                self.wrong[layout] += 1

    def decides(self) -> DateLayout | None:
        clean = [layout for layout in _IN_DOUBT if not self.wrong[layout]]
        return clean[0] if len(clean) == 1 else None


def decide_dates(
    columns: Mapping[str, DateEvidence], order: OrderEvidence, chosen: DateLayout | None = None
) -> dict[str, DateLayout]:
    """The layout of every date column. `chosen` by a person stands wherever any value of a column fits it.

    Raises FileUnusable if a layout cannot be told or a column mixes two.
    """
    decided = {
        name: chosen if chosen and (evidence.fits(chosen) or evidence.harmless) else _decide(evidence)
        for name, evidence in columns.items()
    }
    certain = {layout for layout in decided.values() if layout in _IN_DOUBT}
    fallback = certain.pop() if len(certain) == 1 else None if certain else order.decides()
    for name, layout in decided.items():
        if layout is None and fallback is None:
            raise FileUnusable(
                f"The dates in column {columns[name].header!r} could be day/month or month/day: "
                "say which with --dates dmy or --dates mdy."
            )
    return {name: layout or fallback or DateLayout.ISO for name, layout in decided.items()}


def _decide(evidence: DateEvidence) -> DateLayout | None:
    """The one layout of a column; None: day/month or month/day, the column itself cannot tell."""
    total = evidence.seen.total()
    if not total:
        return DateLayout.DMY if evidence.harmless else DateLayout.ISO
    best, second = sorted(DateLayout, key=evidence.fits, reverse=True)[:2]
    if evidence.fits(best) * 2 <= total:
        raise _mixed(evidence, best, second)
    if {best, second} != _IN_DOUBT:
        return best
    sure, against = evidence.fits(best) - evidence.in_doubt, evidence.fits(second) - evidence.in_doubt
    if sure == against == 0:
        return None
    # One stray value in many is that row's error; more of them make every doubtful value of the column doubtful.
    if sure == against or (against and evidence.in_doubt and against * 20 > sure):
        raise _mixed(evidence, best, second)
    return best


def _mixed(evidence: DateEvidence, one: DateLayout, other: DateLayout) -> FileUnusable:
    return FileUnusable(
        f"Column {evidence.header!r} mixes {DESCRIPTIONS[one]} ({evidence.fits(one)} values) and {DESCRIPTIONS[other]} "
        f"({evidence.fits(other)} values): write all its dates in one way, best year-month-day, or pass --dates dmy, "
        f"mdy or iso."
    )
