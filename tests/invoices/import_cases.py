"""Files to import, and the import as a story calls it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl

from invoices.rules.importing.records import FileKind
from invoices.services.importing.files import import_file
from invoices.services.importing.report import ImportOptions, ImportReport

CLIENTS = "code,name,email,currency\nACME,Acme Ltd,ap@acme.example,EUR\nSLOW,Slowco,ap@slowco.example,EUR\n"
INVOICES = """number,client,issued_on,due_on,amount,currency,reference
0001,ACME,2024-01-31,2024-03-01,100.00,EUR,PO 1
0002,SLOW,2024-02-01,2024-03-02,250.50,EUR,
"""
RECEIPTS = """client,invoice,received_on,amount,currency,method,reference
ACME,0001,2024-02-20,40.00,EUR,bank,first part
SLOW,,2024-02-21,10.00,EUR,bank,
SLOW,,2024-02-21,10.00,EUR,bank,
"""


class Importer:
    """Imports text or bytes through a real file in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, content: str | bytes, name: str = "table.csv") -> Path:
        path = self._folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def workbook(self, *rows: list[Any]) -> Path:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        path = self._folder / "table.xlsx"
        book.save(path)
        return path

    def take(self, kind: str, content: str | bytes | Path, **options: Any) -> ImportReport:
        path = content if isinstance(content, Path) else self.file(content)
        return import_file(FileKind(kind), path, options=ImportOptions(**options))

    def counts(self, kind: str, content: str | bytes | Path, **options: Any) -> tuple[int, int, int, int]:
        """Created, updated, unchanged, rejected rows."""
        report = self.take(kind, content, **options)
        return report.created, report.updated, report.unchanged, report.rejected_rows
