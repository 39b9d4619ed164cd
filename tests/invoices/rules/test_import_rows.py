"""From cells to typed rows, and every reason why a row is left out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from invoices.rules.importing.codes import country_code, language_code
from invoices.rules.importing.columns import recognise
from invoices.rules.importing.reading import RowReader, Survey
from invoices.rules.importing.records import ClientRow, FileKind, InvoiceRow, RowError
from invoices.rules.importing.settlement import Settlement, settlement_of
from invoices.rules.importing.terms import parse_terms
from invoices.rules.importing.text import clean, shown

INVOICE = {"number": "0001", "client": "007", "issued_on": "2024-01-31", "amount": "10.00"}


def read(kind: FileKind, **cells: object) -> object:
    columns = recognise(list(cells), kind)
    survey = Survey(columns)
    survey.add(list(cells.values()))
    return RowReader(columns, survey.decide()).read(2, list(cells.values()))


def errors(kind: FileKind, **cells: object) -> list[tuple[str, str]]:
    found = read(kind, **cells)
    assert isinstance(found, list)
    return [(error.field, error.reason) for error in found]


def test_leading_zeros_survive():
    assert read(FileKind.INVOICES, **INVOICE) == InvoiceRow(2, "0001", "007", date(2024, 1, 31), Decimal("10.00"))


def test_a_client_is_read_into_our_codes():
    row = read(
        FileKind.CLIENTS,
        code="A1",
        country="Deutschland",
        language="de-AT",
        debtor_type="B2B",
        time_zone="europe/berlin",
    )
    assert row == ClientRow(2, "A1", country="DE", language="de", debtor_type="company", time_zone="Europe/Berlin")


BAD = [
    ({"amount": "twelve"}, "amount", "not an amount"),
    ({"amount": "-5.00"}, "amount", "credit note"),
    ({"amount": "0.00"}, "amount", "nothing to take"),
    ({"amount": "9999999999999.00"}, "amount", "largest"),
    ({"amount": ""}, "amount", "missing"),
    ({"issued_on": "31/02/2024"}, "issued_on", "not a date"),
    ({"due_on": "2024-01-30"}, "due_on", "before the date of issue"),
    ({"currency": "QQQ"}, "currency", "three-letter code"),
    ({"amount": "€ 5", "currency": "USD"}, "currency", "differs from the one in the amount"),
    ({"amount": "$ 5"}, "amount", "add a column for the currency"),
    ({"number": "x" * 41}, "number", "at most 40"),
    ({"number": "x" * 10_000_000}, "number", "10000000 characters"),
    ({"number": "a\x00b"}, "number", "control character"),
    ({"client": "a\udc80b"}, "client", "UTF-8"),
    ({"reference": "#REF!"}, "reference", "spreadsheet's error"),
    ({"country": "Atlantis"}, "country", "two-letter code"),
]


@pytest.mark.parametrize(("change", "field", "reason"), BAD)
def test_a_bad_cell_is_named_with_its_reason(change, field, reason):
    [(where, why)] = errors(FileKind.INVOICES, **{**INVOICE, **change})
    assert where == field
    assert reason in why


def test_a_row_says_all_that_is_wrong_with_it():
    found = errors(FileKind.INVOICES, number="1", client="", issued_on="soon", amount="much")
    assert {field for field, _ in found} == {"client", "issued_on", "amount"}


def test_a_receipt_needs_a_client_or_an_invoice():
    assert errors(FileKind.RECEIPTS, client="", invoice="", received_on="2024-01-01", amount="5") == [
        ("client", "Client or invoice is missing.")
    ]


def test_the_value_in_a_report_is_short_and_printable():
    assert shown("\x1b[31m" + "x" * 500) == "\\x1b[31m" + "x" * 94 + "…"


def test_a_programs_own_number_for_a_country_is_left_out():
    assert country_code("391") is None


@pytest.mark.parametrize(
    ("text", "code"), [("gb", "GB"), ("USA", "US"), ("Pays-Bas", "NL"), ("Österreich", "AT"), ("UK", "GB")]
)
def test_countries_are_known_by_code_and_name(text, code):
    assert country_code(text) == code


@pytest.mark.parametrize(("text", "code"), [("English", "en"), ("Nederlands", "nl"), ("fr_CA", "fr")])
def test_languages_are_known_by_code_and_name(text, code):
    assert language_code(text) == code


@pytest.mark.parametrize(
    ("text", "clean_text"), [("  Acme \n Ltd ", "Acme Ltd"), ("'=SUM(A1)", "=SUM(A1)"), ("'tHart", "'tHart")]
)
def test_text_is_trimmed_and_neutralised_formulas_come_back(text, clean_text):
    assert clean(text, 40) == clean_text


TERMS = [
    ("30", (30, None, None)),
    ("Net 30", (30, None, None)),
    ("NET30", (30, None, None)),
    ("30 Tage netto", (30, None, None)),
    ("45 jours", (45, None, None)),
    ("Due on receipt", (0, None, None)),
    ("2/10 net 30", (30, Decimal(2), 10)),
    ("2% 10 Net 30", (30, Decimal(2), 10)),
]


@pytest.mark.parametrize(("text", "terms"), TERMS)
def test_terms_are_read_as_programs_write_them(text, terms):
    assert parse_terms(text) == terms


@pytest.mark.parametrize("text", ["net 30 EOM", "30 jours fin de mois", "as agreed"])
def test_terms_with_two_readings_are_not_guessed(text):
    assert parse_terms(text) is None


ROW = InvoiceRow(2, "1", "A", date(2024, 1, 1), Decimal(100))
SETTLEMENTS = [
    ({}, None),
    ({"settled_on": date(2024, 2, 1)}, Settlement(Decimal(0), date(2024, 2, 1))),
    ({"paid_amount": Decimal(30)}, Settlement(Decimal(70), None)),
    ({"open_amount": Decimal(40), "settled_on": date(2024, 2, 1)}, Settlement(Decimal(40), date(2024, 2, 1))),
]


@pytest.mark.parametrize(("change", "said"), SETTLEMENTS)
def test_a_row_says_what_is_still_open(change, said):
    fields = {name: getattr(ROW, name) for name in InvoiceRow.__slots__}
    assert settlement_of(InvoiceRow(**{**fields, **change})) == said


def test_row_errors_are_values():
    assert RowError(2, "amount", "x", "r") == RowError(2, "amount", "x", "r")
