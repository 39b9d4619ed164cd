"""Tables in files, CSV or XLSX, told apart by content and never by name. Rows stream: memory does not grow with the
file.

Whatever is wrong with the file as a whole is one FileUnusable with one sentence. Cells are handed over as written;
what they mean
is decided in `rules/importing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ..rules.importing.records import Cell, FileUnusable
from .csv_tables import CsvTable
from .xlsx_tables import XlsxTable

MAX_ROWS = 2_000_000
_OTHER_FORMATS = {
    b"\xd0\xcf\x11\xe0": "an old or encrypted Excel file (.xls): save it as .xlsx without a password, or as CSV",
    b"%PDF": "a PDF: export the table as CSV or .xlsx",
    b"\x1f\x8b": "a compressed file: unpack it first",
    b"{\\rtf": "a text document: export the table as CSV or .xlsx",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"SQLite format 3": "a database",
    b"\x7fELF": "a program",
}


class Table(Protocol):
    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Every row with its number as a spreadsheet shows it (from 1), blank ones included. May be called again."""
        ...  # pragma: no cover


def open_table(path: Path, *, max_rows: int = MAX_ROWS) -> Table:
    """The table in this file. Raises FileUnusable if there is none, now or while its rows are read."""
    try:
        with path.open("rb") as file:
            start = file.read(65_536)
    except OSError as error:
        raise FileUnusable(f"The file {path.name} cannot be opened: {error.strerror or error}.") from error
    if not start.strip():
        raise FileUnusable(f"The file {path.name} is empty.")
    for magic, what in _OTHER_FORMATS.items():
        if start.startswith(magic):
            raise FileUnusable(f"The file {path.name} is {what}.")
    if start.startswith(b"PK\x03\x04"):
        return XlsxTable(path, max_rows)
    return CsvTable(path, start, max_rows)
