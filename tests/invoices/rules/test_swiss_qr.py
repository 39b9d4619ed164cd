"""The data of the Swiss QR code, line by line (SIX, QR-bill 2.3, annex A), and where it does not reach."""

from __future__ import annotations

from decimal import Decimal

import pytest

from invoices.rules.references import Transfer, rf_reference, transfer_code
from invoices.rules.swiss_qr import Creditor, creditor_of, swiss_code, swiss_data

US = Creditor("Robert Schneider AG", "Rue du Lac", "1268", "2501", "Biel", "CH")
IBAN = "CH58 0079 1123 0008 8901 2"
RF = rf_reference("539007547034")


def data(iban=IBAN, amount="199.95", currency="CHF"):
    return swiss_data(US, iban, Decimal(amount), currency, RF)


def test_data_has_every_line_in_its_place():
    lines = data().split("\n")
    assert lines[:11] == ["SPC", "0200", "1", "CH5800791123000889012", "S", *US]
    assert lines[11:18] == [""] * 7
    assert lines[18:20] == ["199.95", "CHF"]
    assert lines[20:27] == [""] * 7
    assert lines[27:] == ["SCOR", "RF18539007547034", "", "EPD"]


@pytest.mark.parametrize(
    ("iban", "amount", "currency"),
    [
        ("DE02120300000000202051", "10", "CHF"),
        (IBAN, "0", "CHF"),
        (IBAN, "1000000000", "CHF"),
        (IBAN, "10", "USD"),
        ("CH4431999123000889012", "10", "CHF"),  # a QR-IBAN wants another reference
        ("", "10", "CHF"),
    ],
)
def test_no_code_where_the_standard_does_not_reach(iban, amount, currency):
    assert data(iban, amount, currency) == ""
    assert swiss_code("") == ""


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("Bahnhofstrasse 12a\n8001 Zürich", ("Bahnhofstrasse", "12a", "8001", "Zürich")),
        ("Postfach\nCH-3000 Bern", ("Postfach", "", "3000", "Bern")),
        ("Haus zum Stein\nSeeweg 3\n9490 Vaduz\nLiechtenstein", ("Seeweg", "3", "9490", "Vaduz")),
    ],
)
def test_printed_address_is_taken_apart(address, wanted):
    found = creditor_of("Acme AG", address, "CH")
    assert found[1:5] == wanted


def test_address_without_a_town_gives_no_creditor():
    assert creditor_of("Acme AG", "Somewhere", "CH") is None


def test_transfer_in_francs_has_the_swiss_cross_and_one_in_euros_abroad_does_not():
    swiss = Transfer("Acme AG", IBAN, "", Decimal(10), RF, "Seeweg 3\n8001 Zürich")
    german = Transfer("Acme", "DE02120300000000202051", "", Decimal(10), RF)
    assert transfer_code(swiss, "CHF").count("<rect") == 4
    assert transfer_code(german, "EUR").count("<rect") == 0
    assert transfer_code(swiss._replace(address=""), "CHF") == ""
