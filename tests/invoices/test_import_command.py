"""`manage.py import`: exit codes, JSON, progress; and a real ledger without a mapping."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.management import call_command

from invoices.models import Client, Invoice, Receipt
from invoices.queries.ledger import ledger_differences
from tests.invoices.import_cases import INVOICES, Importer

pytestmark = pytest.mark.django_db
LEDGER = Path(__file__).parents[3] / "shared" / "data" / "ledgers" / "ibm" / "invoices.csv"


class Run(NamedTuple):
    exit: int
    out: str
    err: str


def run(*args: object) -> Run:
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command("import", *map(str, args), stdout=out, stderr=err)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return Run(code, out.getvalue(), err.getvalue())


@pytest.fixture
def importer(tmp_path):
    return Importer(tmp_path)


def test_all_rows_taken_is_exit_0(importer):
    done = run("invoices", importer.file(INVOICES))
    assert (done.exit, done.out) == (0, "2 read, 2 created, 0 updated, 0 unchanged, 0 rejected.\n")


def test_a_rejected_row_is_exit_1_and_named(importer):
    done = run("invoices", importer.file(INVOICES + "0003,ACME,2024-02-30,,1.00,EUR,\n"))
    assert done.exit == 1
    assert "Row 4, issued_on (2024-02-30): Issued on is not a date (year-month-day)." in done.out


def test_an_unusable_file_is_exit_2_with_one_sentence(importer):
    done = run("invoices", importer.file("a,b\n1,2\n"))
    assert (done.exit, done.out, done.err.count("\n")) == (2, "", 1)


def test_the_json_has_the_promised_shape(importer):
    done = run("invoices", importer.file(INVOICES.replace("250.50", "none")), "--json")
    assert json.loads(done.out) == {
        "read": 2,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": [{"row": 3, "field": "amount", "value": "none", "reason": "Amount is not an amount."}],
    }


def test_progress_goes_to_stderr(importer):
    assert run("invoices", importer.file(INVOICES)).err == "2 of 2 rows imported\n"


def test_a_dry_run_writes_nothing(importer):
    done = run("invoices", importer.file(INVOICES), "--dry-run")
    assert (done.exit, Invoice.objects.count()) == (0, 0)


def test_columns_can_be_mapped(importer):
    path = importer.file("A,B,C,D\n1,X,2024-01-01,5.00\n")
    done = run("invoices", path, "--map", "A=number", "B=client", "--map", "C=issued_on", "D=amount")
    assert (done.exit, Invoice.objects.get().number) == (0, "1")


def test_the_layout_of_dates_can_be_named(importer):
    path = importer.file("number,client,issued_on,amount\n1,X,02/01/2024,5.00\n")
    assert run("invoices", path).exit == 2
    assert run("invoices", path, "--dates", "mdy").exit == 0


@pytest.mark.skipif(not LEDGER.exists(), reason="the sample ledger is not part of the repository")
def test_a_real_ledger_comes_in_without_a_mapping():
    done = run("invoices", LEDGER, "--json")
    assert json.loads(done.out) == {"read": 2466, "created": 2466, "updated": 0, "unchanged": 0, "rejected": []}
    assert (Client.objects.count(), Invoice.objects.count(), Receipt.objects.count()) == (100, 2466, 2466)
    assert Invoice.objects.filter(number="0000611365", open_amount=0).exists()
    assert list(ledger_differences()) == []
