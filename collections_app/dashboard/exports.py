"""Lists as CSV and XLSX. Text that a spreadsheet would run as a formula is made harmless; figures stay figures."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.styles import Font

from invoices.rules.spreadsheets import harmless

from .columns import Column

XLSX_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_LIMIT = 50_000  # about 10 seconds of a web worker; CSV streams and has no limit


def layout(columns: Sequence[Column]) -> list[tuple[str, Callable[[Any], Any]]]:
    """Labels and cells; beside the first amount its currency, because a figure without one must not be added up."""
    cells: list[tuple[str, Callable[[Any], Any]]] = []
    currencies: list[object] = []
    for column in columns:
        cells.append((column.label, column.plain))
        if column.kind == "money" and column.currency not in currencies:
            cells.append(("Currency", column.currency_of))
            currencies.append(column.currency)
    return cells


def csv_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds") if timezone.is_aware(value) else str(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | int | float) else harmless(str(value))


class Echo:
    """A file that hands each line back to the writer, so that the answer streams."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[str]:
    writer, cells = csv.writer(Echo()), layout(columns)
    yield "\ufeff"  # without it Excel reads UTF-8 as Windows-1252
    yield writer.writerow(harmless(label) for label, _ in cells)
    for row in rows:
        yield writer.writerow(csv_value(cell(row)) for _, cell in cells)


def csv_answer(name: str, columns: Sequence[Column], rows: Iterable[Any]) -> HttpResponseBase:
    answer = StreamingHttpResponse(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def xlsx_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    return harmless(ILLEGAL_CHARACTERS_RE.sub("", value)) if isinstance(value, str) else value


def xlsx_answer(name: str, columns: Sequence[Column], rows: Iterable[Any]) -> HttpResponseBase:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "A2"
    cells = layout(columns)
    labels = [WriteOnlyCell(sheet, value=harmless(label)) for label, _ in cells]
    for label in labels:
        label.font = Font(bold=True)
    sheet.append(labels)
    for row in rows:
        sheet.append([xlsx_value(cell(row)) for _, cell in cells])
    file = TemporaryFile()  # noqa: SIM115 - FileResponse closes it
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX_CONTENT_TYPE)
