"""A file into the books: open, find the columns, look at every row, then read and write in chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.utils.timezone import localdate

from ...gateways.tables import Table, open_table
from ...queries.organisation import organisation
from ...rules.importing.columns import Columns, recognise, recognised_count
from ...rules.importing.reading import RowReader, Survey
from ...rules.importing.records import Cell, FileKind, FileUnusable, ReceiptRow, Row, RowError
from ...rules.importing.settlement import fingerprint
from ...rules.importing.text import as_text
from ..audit import Actor
from .clients import ClientWriter
from .invoices import InvoiceWriter
from .receipts import MarkedReceipt, ReceiptWriter
from .report import Context, ImportOptions, ImportReport
from .terms import TermsBook

CHUNK = 5_000  # rows in one transaction
HEADER_WITHIN = 15  # rows: titles may stand above the header
ATTEMPTS = 3  # of a chunk, when another process creates the same client or invoice at the same time
_WRITERS: dict[FileKind, Callable[[Context], Any]] = {
    FileKind.CLIENTS: ClientWriter,
    FileKind.INVOICES: InvoiceWriter,
    FileKind.RECEIPTS: ReceiptWriter,
}
Progress = Callable[[str, int, int], None]  # what is done, rows done, rows in all (0: not known yet)


def import_file(
    kind: FileKind, path: Path, *, options: ImportOptions, actor: Actor = "import", progress: Progress | None = None
) -> ImportReport:
    """Take all good rows of a file over; report every reason for every other row.

    Each chunk of rows is one transaction; a bad row is left out of it and harms no other. A dry run does the same in
    one
    transaction that is rolled back. Raises FileUnusable, before anything is written, if the file as a whole cannot be
    read.
    """
    tell = progress or (lambda *_: None)
    table = open_table(path, max_rows=settings.IMPORT_MAX_ROWS)
    start, columns = _find_columns(table, kind, options)
    survey, total = Survey(columns), 0
    for _, cells in _data(table, start):
        survey.add(cells)
        total += 1
        if total % CHUNK == 0:
            tell("looked at", total, 0)
    if not total:
        raise FileUnusable(f"The file {path.name} has a header but no rows below it.")
    reader = RowReader(columns, survey.decide(options.dates))
    report = ImportReport(notes=columns.notes)
    if not options.is_dry_run:
        _write(
            kind, _chunks(table, start, reader), _context(options, actor), report, lambda n: tell("imported", n, total)
        )
        return report
    with transaction.atomic():
        _write(kind, _chunks(table, start, reader), _context(options, actor), report, lambda n: tell("tried", n, total))
        transaction.set_rollback(True)
    return report


def _context(options: ImportOptions, actor: Actor) -> Context:
    terms = TermsBook(actor=actor, is_strict=options.is_strict)
    return Context(options, actor, localdate(), options.currency or organisation().currency, terms)


def _find_columns(table: Table, kind: FileKind, options: ImportOptions) -> tuple[int, Columns]:
    """The number of the header row, which is the one with the most usual names, and its columns."""
    first = [
        (number, [as_text(cell).strip() for cell in cells]) for number, cells in islice(table.rows(), HEADER_WITHIN)
    ]
    rows = [(number, headers) for number, headers in first if any(headers)]
    if not rows:
        raise FileUnusable("The file has no rows.")
    number, headers = max(rows, key=lambda row: recognised_count(row[1], kind))
    return number, recognise(headers, kind, options.mapping)


def _data(table: Table, header: int) -> Iterator[tuple[int, list[Cell]]]:
    """The rows below the header that hold anything."""
    return ((number, cells) for number, cells in table.rows() if number > header and any(_filled(c) for c in cells))


def _filled(cell: Cell) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else True


def _chunks(table: Table, header: int, reader: RowReader) -> Iterator[tuple[int, list[Row], list[RowError]]]:
    data = _data(table, header)
    while chunk := list(islice(data, CHUNK)):
        rows: list[Row] = []
        errors: list[RowError] = []
        for number, cells in chunk:
            found = reader.read(number, cells)
            if isinstance(found, list):
                errors += found
            else:
                rows.append(found)
        yield len(chunk), rows, errors


def _write(
    kind: FileKind,
    chunks: Iterator[tuple[int, list[Row], list[RowError]]],
    context: Context,
    report: ImportReport,
    tell: Callable[[int], None],
) -> None:
    writer = _WRITERS[kind](context)
    seen: Counter[str] = Counter()
    for count, rows, errors in chunks:
        report.read += count
        ready = _marked(rows, seen) if kind is FileKind.RECEIPTS else rows
        done = _write_chunk(writer, ready, context)
        done.rejected = sorted([*errors, *done.rejected], key=lambda error: error.row)
        report.add(done)
        tell(report.read)


def _write_chunk(writer: Any, rows: Sequence[Any], context: Context) -> ImportReport:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return writer.write(rows)
        except (IntegrityError, OperationalError):
            if attempt == ATTEMPTS:
                raise
            context.terms.forget()
    raise AssertionError("unreachable")


def _marked(rows: Sequence[Row], seen: Counter[str]) -> list[MarkedReceipt]:
    marked = []
    for row in rows:
        assert isinstance(row, ReceiptRow)
        what = fingerprint("receipt", row.client, row.invoice, row.received_on, row.amount, row.currency, row.reference)
        seen[what] += 1
        marked.append(MarkedReceipt(row, fingerprint(what, seen[what])))
    return marked
