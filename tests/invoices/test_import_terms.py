"""Invoices from a file under split terms and conventions: the same parts and dates as one by one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from invoices.models import Invoice
from invoices.queries.ledger import ledger_differences
from invoices.queries.schedules import schedule_of
from invoices.rules.instalments import Part, Share
from invoices.services.terms import create_terms
from tests.builders import an_organisation
from tests.invoices.import_cases import Importer

pytestmark = pytest.mark.django_db
HEAD = "number,client,issued_on,amount,currency,terms\n"


@pytest.fixture
def importer(tmp_path) -> Importer:
    an_organisation()
    parts = (Part(Share.FIXED, D(60), days=10), Part(Share.REMAINDER, days=40))
    create_terms({"code": "halves", "name": "In two parts"}, parts=parts, actor="Fay")
    create_terms({"code": "friday", "name": "Not on Sundays", "days": 30, "convention": "preceding"}, actor="Fay")
    return Importer(tmp_path)


def standing(number: str) -> tuple[int, str, int]:
    invoice = Invoice.objects.get(number=number)
    return invoice.current_part, invoice.due_on.isoformat(), invoice.cycle


def test_split_terms_of_a_file_make_parts(importer):
    importer.take("invoices", HEAD + "1,A,2024-03-01,100.00,EUR,halves\n2,A,2024-03-01,100.00,EUR,net 30\n")
    plan = schedule_of(Invoice.objects.get(number="1"))
    assert [(part.due_on, part.amount) for part in plan.parts] == [
        (date(2024, 3, 11), D(60)),
        (date(2024, 4, 10), D(40)),
    ]
    assert (standing("1"), standing("2")) == ((1, "2024-03-11", 1), (0, "2024-03-31", 1))


def test_receipt_of_a_file_moves_to_the_next_part(importer):
    importer.take("invoices", HEAD + "1,A,2024-03-01,100.00,EUR,halves\n")
    importer.take("receipts", "client,invoice,received_on,amount,currency\nA,1,2024-03-12,75.00,EUR\n")
    assert standing("1") == (2, "2024-04-10", 2)
    assert list(ledger_differences()) == []


def test_invoice_that_comes_partly_paid_stands_at_its_next_part(importer):
    head = "number,client,issued_on,amount,open_amount,currency,terms\n"
    importer.take("invoices", head + "1,A,2024-03-01,100.00,40.00,EUR,halves\n")
    assert standing("1") == (2, "2024-04-10", 2)
    assert list(ledger_differences()) == []


def test_amount_that_the_parts_miss_rejects_its_row_alone(importer):
    report = importer.take("invoices", HEAD + "1,A,2024-03-01,50.00,EUR,halves\n2,A,2024-03-01,100.00,EUR,halves\n")
    assert [(error.row, error.field) for error in report.rejected] == [(2, "terms")]
    assert "A part of 60.00 does not fit: 50.00 of 50.00 EUR is left" in report.rejected[0].reason
    assert list(Invoice.objects.values_list("number", flat=True)) == ["2"]


def test_same_file_again_changes_nothing_after_a_part_is_paid(importer):
    rows = HEAD + "1,A,2024-03-01,100.00,EUR,halves\n"
    importer.take("invoices", rows)
    importer.take("receipts", "client,invoice,received_on,amount,currency\nA,1,2024-03-12,60.00,EUR\n")
    assert importer.counts("invoices", rows) == (0, 0, 1, 0)


def test_typed_due_date_of_a_file_is_one_sum(importer):
    head = "number,client,issued_on,due_on,amount,currency,terms\n"
    importer.take("invoices", head + "1,A,2024-03-01,2024-05-01,100.00,EUR,halves\n")
    assert standing("1") == (0, "2024-05-01", 1)


def test_convention_moves_imported_due_dates(importer):
    importer.take("invoices", HEAD + "1,A,2024-03-01,100.00,EUR,friday\n")  # 31 March 2024 is a Sunday
    assert standing("1") == (0, "2024-03-29", 1)


def test_net_30_of_a_file_is_not_the_terms_that_move_to_a_friday(importer):
    importer.take("invoices", HEAD + "1,A,2024-03-01,100.00,EUR,30 days\n")
    assert Invoice.objects.get(number="1").terms.code == "net30"
