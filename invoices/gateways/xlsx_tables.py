"""XLSX: the first sheet that holds anything. Sizes are checked before a byte is unpacked; formulas are not run."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl

from ..rules.importing.records import Cell, FileUnusable

if not openpyxl.DEFUSEDXML:
    raise ImportError("defusedxml is missing: without it openpyxl follows XML entities in uploads.")

MOST_UNPACKED = 2**30  # bytes of all parts together
MOST_STRINGS = 300 * 2**20  # bytes of the table of texts, which openpyxl keeps in memory
HIGHEST_RATIO = 200  # of unpacked to packed; real sheets stay under 60
HARMLESS = 10 * 2**20  # bytes unpacked below which the ratio does not matter
MOST_PARTS = 5_000
MOST_COLUMNS = 1_000
_BATCH = 2_000  # rows
_ZEROS = re.compile(r"0{2,40}")


class XlsxTable:
    def __init__(self, path: Path, max_rows: int) -> None:
        self._path = path
        self._max_rows = max_rows
        with _refusals(path.name):
            _check_archive(path)

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        with self._path.open("rb") as file:  # by handle: openpyxl goes by the name of a path
            with _refusals(self._path.name):
                book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            for sheet in book.worksheets:
                found = False
                for number, cells in self._sheet_rows(sheet):
                    found = found or bool(cells)
                    yield number, cells
                if found:
                    return

    def _sheet_rows(self, sheet: Any) -> Iterator[tuple[int, list[Cell]]]:
        number = 0
        with _refusals(self._path.name):
            sheet.reset_dimensions()  # a file may claim any size
            rows = sheet.iter_rows()
        while True:
            # Warnings are silenced while openpyxl works, not while our caller does.
            with _refusals(self._path.name):
                batch = [_cells(row) for row in islice(rows, _BATCH)]
            if not batch:
                return
            for cells in batch:
                number += 1
                if number > self._max_rows:
                    raise FileUnusable(f"The file has more than {self._max_rows:,} rows: split it.")
                if len(cells) > MOST_COLUMNS:
                    raise FileUnusable(
                        f"Row {number} has {len(cells)} columns, more than the {MOST_COLUMNS:,} that are read."
                    )
                yield number, cells


@contextmanager
def _refusals(name: str) -> Iterator[None]:
    """Whatever openpyxl, zipfile or the XML parser stumble over in a hostile or broken file, as one sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except FileUnusable:
        raise
    except Exception as error:
        why = type(error.__cause__ or error).__name__
        raise FileUnusable(f"The file {name} cannot be read as an Excel workbook ({why}): save it anew.") from error


def _check_archive(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    names = {part.filename for part in parts}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        what = "an OpenDocument file" if "mimetype" in names else "an archive, not a workbook"
        raise FileUnusable(f"The file {path.name} is {what}: save the table as .xlsx or CSV.")
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    strings = sum(part.file_size for part in parts if part.filename.endswith("sharedStrings.xml"))
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or strings > MOST_STRINGS:
        raise FileUnusable(
            f"The workbook {path.name} is too large when unpacked ({unpacked:,} bytes): save the table as CSV."
        )
    if unpacked > HARMLESS and unpacked > packed * HIGHEST_RATIO:
        raise FileUnusable(
            f"The workbook {path.name} unpacks to {unpacked // max(packed, 1)} times its size, which no real table "
            f"does: it is not read."
        )


def _cells(row: Any) -> list[Cell]:
    width = len(row)
    while width and row[width - 1].value in (None, ""):
        width -= 1
    return [_cell(cell) for cell in row[:width]]


def _cell(cell: Any) -> Cell:
    value = cell.value
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        # 0000611365 may be the number 611365 shown with ten figures.
        zeros = _ZEROS.fullmatch(cell.number_format or "")
        return str(value).zfill(len(zeros[0])) if zeros else Decimal(value)
    if isinstance(value, float):
        return Decimal(f"{value:.15g}")  # as many figures as a spreadsheet shows; the rest is binary noise
    if isinstance(value, date):
        return value
    return str(value) if isinstance(value, time | timedelta) else ""
