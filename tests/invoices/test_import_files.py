"""Files as they come: encodings, delimiters, workbooks, and those that are no tables at all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from random import Random

import openpyxl
import pytest

from invoices.models import Client, Invoice
from invoices.rules.importing.records import FileUnusable
from tests.invoices.import_cases import INVOICES, Importer

pytestmark = pytest.mark.django_db
UMLAUT = "code;name\nM1;Müller & Söhne\n"


@pytest.fixture
def importer(tmp_path):
    return Importer(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_found_out(importer, encoding):
    importer.take("clients", UMLAUT.encode(encoding))
    assert Client.objects.get().name == "Müller & Söhne"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(importer, delimiter):
    importer.take(
        "clients", "code;name;credit_limit\nA;Acme;1,50\nB;Bolt;2,50\n".replace(",", ".").replace(";", delimiter)
    )
    assert Client.objects.count() == 2


def test_excels_own_hint_names_the_delimiter(importer):
    importer.take("clients", "sep=;\ncode;name\nA;Acme, Bolt, Cog\n")
    assert Client.objects.get().name == "Acme, Bolt, Cog"


def test_a_line_break_in_quotes_is_part_of_the_cell(importer):
    report = importer.take("clients", 'code,name\nA,"Acme\nLtd"\nB,\x01\n')
    assert (Client.objects.get().name, report.rejected[0].row) == ("Acme Ltd", 3)


def test_titles_above_the_header_and_blank_rows_are_passed_over(importer):
    report = importer.take("clients", "Our clients\n\ncode,name,email\nA,Acme,\n\nB,Bolt,nonsense\n")
    assert [(e.row, e.field) for e in report.rejected] == [(6, "email")]


def test_a_few_bad_bytes_spoil_their_row_only(importer):
    content = "code,name\n" + "".join(f"C{n},Café {n}\n" for n in range(9))
    report = importer.take("clients", content.encode() + b"X,bad \xff byte\n")
    assert (report.created, [(e.row, e.field) for e in report.rejected]) == (9, [(11, "name")])


def test_a_cell_of_ten_megabytes_is_that_rows_error(importer):
    report = importer.take("clients", f"code,name\nA,{'x' * 10_000_000}\nB,Bolt\n")
    assert (report.created, [(e.row, e.field, len(e.value)) for e in report.rejected]) == (1, [(2, "name", 100)])


def test_formulas_are_text(importer):
    importer.take("clients", 'code,name\nA,"=HYPERLINK(""http://x.example"")"\n')
    assert Client.objects.get().name == '=HYPERLINK("http://x.example")'


def test_a_workbook_is_a_table(importer):
    rows = [datetime(2024, 1, 31), date(2024, 3, 1), 100.1, "EUR"]
    path = importer.workbook(
        ["number", "client", "issued_on", "due_on", "amount", "currency"], ["0001", 7, *rows], ["0002", 7.0, *rows]
    )
    assert importer.counts("invoices", path) == (2, 0, 0, 0)
    assert set(Invoice.objects.values_list("client__code", "total_amount", "issued_on")) == {
        ("7", Decimal("100.1"), date(2024, 1, 31))
    }


def test_zeros_that_a_cell_only_shows_survive(importer):
    path = importer.workbook(["code", "name"], [42, "Acme"])
    book = openpyxl.load_workbook(path)
    book.active["A2"].number_format = "000000"
    book.save(path)
    importer.take("clients", path)
    assert Client.objects.get().code == "000042"


def rewritten(change: Callable[[bytes], bytes]) -> bytes:
    """A good workbook of clients with its sheet changed."""
    book, good, out = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    book.active.append(["code", "name"])
    book.active.append(["A", "Acme"])
    book.save(good)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            target.writestr(part.filename, change(source.read(part)) if is_sheet else source.read(part))
    return out.getvalue()


def entities(sheet: bytes) -> bytes:
    """A hundred million letters, once the entities are followed."""
    levels = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 9))
    return (
        b'<!DOCTYPE worksheet [<!ENTITY e0 "x">' + levels + b"]>" + sheet.replace(b"</worksheet>", b"&e8;</worksheet>")
    )


UNUSABLE = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n", "is empty"),
    "only a header": (b"code,name\n", "no rows below"),
    "binary": (bytes(range(256)) * 40, "binary file|needs a column"),
    "random": (Random(1).randbytes(5000), "binary file|needs a column|table"),
    "old Excel": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old or encrypted Excel"),
    "PDF": (b"%PDF-1.7\n", "is a PDF"),
    "packed": (b"\x1f\x8b\x08" + b"\0" * 20, "compressed"),
    "an archive that is no workbook": (b"PK\x03\x04" + b"\0" * 100, "cannot be read as an Excel workbook"),
    "bomb": (rewritten(lambda sheet: sheet + b" " * 30 * 2**20), "which no real table does"),
    "entities": (rewritten(entities), "EntitiesForbidden"),
    "open quote": (b'code,name\nA,"Acme\nB,Bolt\n', "quote opened in row 2"),
    "two columns of one name": (b"code,name,name\nA,b,c\n", "both called 'name'"),
    "no known column": (b"a,b\n1,2\n", "needs a column for code"),
}


def test_the_workbook_that_hostile_ones_are_made_from_is_good(importer):
    assert importer.counts("clients", rewritten(bytes)) == (1, 0, 0, 0)


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_file_that_is_no_table_is_refused_in_one_sentence(importer, case):
    content, reason = UNUSABLE[case]
    with pytest.raises(FileUnusable, match=reason) as caught:
        importer.take("clients", content)
    assert str(caught.value).endswith(".")


def test_a_missing_file_is_refused_in_one_sentence(importer, tmp_path):
    with pytest.raises(FileUnusable, match="cannot be opened"):
        importer.take("clients", tmp_path / "nothing.csv")


def test_more_rows_than_allowed_are_refused_before_anything_is_written(importer, settings):
    settings.IMPORT_MAX_ROWS = 2
    with pytest.raises(FileUnusable, match="more than 2 rows"):
        importer.take("invoices", INVOICES)
    assert not Client.objects.exists()
