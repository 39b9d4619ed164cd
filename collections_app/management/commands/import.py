"""Clients, invoices and receipts from CSV and XLSX files."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from invoices.rules.importing.codes import currency_code
from invoices.rules.importing.dates import DateLayout
from invoices.rules.importing.records import FileKind, FileUnusable
from invoices.services.importing.files import import_file
from invoices.services.importing.report import ImportOptions, ImportReport

SOME_REJECTED, UNUSABLE = 1, 2


class Command(BaseCommand):
    help = (
        "Import clients, invoices or receipts. Exit 0: all rows taken; 1: some rejected, each listed; 2: file "
        "unusable. "
        "The same file again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("kind", choices=[kind.value for kind in FileKind])
        add("file", nargs="?", help="CSV or XLSX; told apart by content")
        add("--map", nargs="+", action="extend", default=[], metavar="THEIRS=OURS", help="which column is what")
        add("--dates", choices=["dmy", "mdy", "iso"], help="how dates are written, if the file cannot tell")
        add("--currency", help="of amounts without one (default: the client's, else our own)")
        add("--strict", action="store_true", help="reject unknown clients and terms instead of creating them")
        add("--oldest-first", action="store_true", help="receipts without an invoice pay the oldest items")
        add("--dry-run", action="store_true", help="report what would happen, write nothing")
        add("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = import_file(
                FileKind(options["kind"]), _file(options), options=_options(options), progress=_Progress(self.stderr)
            )
        except FileUnusable as error:
            self.stderr.write(str(error))
            sys.exit(UNUSABLE)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
        else:
            self._print(report, is_dry_run=options["dry_run"])
        if report.rejected:
            sys.exit(SOME_REJECTED)

    def _print(self, report: ImportReport, *, is_dry_run: bool) -> None:
        for note in report.notes:
            self.stdout.write(note)
        for error in report.rejected:
            value = f" ({error.value})" if error.value else ""
            self.stdout.write(f"Row {error.row}, {error.field}{value}: {error.reason}")
        self.stdout.write(
            f"{'Dry run, nothing was written: ' if is_dry_run else ''}{report.read} read, {report.created} created, "
            f"{report.updated} updated, {report.unchanged} unchanged, {report.rejected_rows} rejected."
        )


class _Progress:
    """One line on stderr: rewritten in place on a terminal, every few seconds elsewhere."""

    EVERY = 5.0  # seconds, where lines cannot be rewritten

    def __init__(self, out: Any) -> None:
        self._out = out
        self._last = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        is_done = done == total
        if self._out.isatty():
            self._out.write(f"\r{_line(what, done, total)}", ending="\n" if is_done else "")
        elif is_done or now - self._last >= self.EVERY:
            self._last = now
            self._out.write(_line(what, done, total))


def _line(what: str, done: int, total: int) -> str:
    return f"{done:,} of {total:,} rows {what}" if total else f"{done:,} rows {what}"


def _file(options: dict[str, Any]) -> Path:
    """The file; `--map a=b FILE` leaves it at the end of the mapping."""
    if options["file"] is None and options["map"] and "=" not in options["map"][-1]:
        options["file"] = options["map"].pop()
    if options["file"] is None:
        raise CommandError("Name the file to import.", returncode=UNUSABLE)
    return Path(options["file"])


def _options(options: dict[str, Any]) -> ImportOptions:
    wrong = [pair for pair in options["map"] if "=" not in pair]
    if wrong:
        raise CommandError(f"--map takes THEIRS=OURS, not {wrong[0]!r}.", returncode=UNUSABLE)
    try:
        currency = currency_code(options["currency"]) if options["currency"] else None
    except ValueError as error:
        raise CommandError(f"--currency {error}", returncode=UNUSABLE) from error
    pairs = [pair.rpartition("=") for pair in options["map"]]
    return ImportOptions(
        mapping={theirs: ours for theirs, _, ours in pairs},
        dates=DateLayout(options["dates"]) if options["dates"] else None,
        currency=currency,
        is_dry_run=options["dry_run"],
        is_strict=options["strict"],
        is_oldest_first=options["oldest_first"],
    )
