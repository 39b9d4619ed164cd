"""Which column is which field."""

from __future__ import annotations

import pytest

from invoices.rules.importing.columns import plain, recognise
from invoices.rules.importing.records import FileKind, FileUnusable

IBM = "countryCode,customerID,PaperlessDate,invoiceNumber,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate"
FILES = [
    (
        FileKind.CLIENTS,
        "code,name,email,phone,country,currency,language,time_zone,debtor_type,terms,credit_limit",
        "code name email phone country currency language time_zone debtor_type terms credit_limit",
    ),
    (
        FileKind.INVOICES,
        "number,client,issued_on,due_on,amount,currency,terms,reference",
        "number client issued_on due_on amount currency terms reference",
    ),
    (
        FileKind.RECEIPTS,
        "client,invoice,received_on,amount,currency,method,reference",
        "client invoice received_on amount currency method reference",
    ),
    (FileKind.INVOICES, IBM, "country client - number issued_on due_on amount - settled_on"),
    (
        FileKind.INVOICES,
        "*ContactName,EmailAddress,*InvoiceNumber,Reference,*InvoiceDate,*DueDate,Total,InvoiceAmountPaid,InvoiceAmountDue,Currency",
        "client client_email number reference issued_on due_on amount paid_amount open_amount currency",
    ),
    (
        FileKind.INVOICES,
        "Date,Transaction Type,Num,Customer,Due Date,Amount,Open Balance",
        "issued_on - number client due_on amount open_amount",
    ),
    (
        FileKind.INVOICES,
        "Kundennr.;Rechnungsnr.;Rechnungsdatum;Fällig am;Bruttobetrag;Währung;Bezahlt am".replace(";", ","),
        "client number issued_on due_on amount currency settled_on",
    ),
    (
        FileKind.INVOICES,
        "Debiteurnummer,Factuurnummer,Factuurdatum,Vervaldatum,Factuurbedrag,Openstaand bedrag",
        "client number issued_on due_on amount open_amount",
    ),
    (
        FileKind.INVOICES,
        "Code client,N° facture,Date de facture,Date d'échéance,Montant TTC,Devise",
        "client number issued_on due_on amount currency",
    ),
    (
        FileKind.INVOICES,
        "Cód. cliente,Nº factura,Fecha factura,Fecha vencimiento,Importe total,Moneda",
        "client number issued_on due_on amount currency",
    ),
    (FileKind.RECEIPTS, "Debitor,Belegnr,Zahlungsdatum,Betrag,Zahlungsart", "client invoice received_on amount method"),
]


@pytest.mark.parametrize(("kind", "header", "fields"), FILES)
def test_columns_are_known_by_their_usual_names(kind, header, fields):
    found = recognise(header.split(","), kind).index
    expected = {field: place for place, field in enumerate(fields.split()) if field != "-"}
    assert {name: place for name, place in found.items() if name != "client_name"} == expected


def test_case_accents_and_punctuation_do_not_count():
    assert plain("  FÄLLIGKEITS-Datum. ") == "falligkeitsdatum"


def test_a_mapping_wins_over_usual_names():
    columns = recognise(["number", "client", "issued_on", "amount", "Net"], FileKind.INVOICES, {"net": "amount"})
    assert columns.index["amount"] == 4


def test_a_column_can_be_ignored():
    headers = ["number", "client", "issued_on", "Total", "Gross"]
    assert recognise(headers, FileKind.INVOICES, {"Gross": "-"}).index["amount"] == 3


UNUSABLE = [
    ("number,client,issued_on", {}, "column for amount"),
    ("number,client,issued_on,Total,Gross", {}, "'Total' and 'Gross' could both be the amount"),
    ("number,client,issued_on,amount,amount", {}, "both called 'amount'"),
    ("number,client,issued_on,amount", {"Foo": "amount"}, "no column 'Foo'"),
    ("number,client,issued_on,amount", {"amount": "sum"}, "cannot be mapped to 'sum'"),
    ("number,client,issued_on,amount,x", {"x": "amount", "amount": "amount"}, "More than one column"),
]


@pytest.mark.parametrize(("header", "mapping", "reason"), UNUSABLE)
def test_what_cannot_be_told_is_one_sentence(header, mapping, reason):
    with pytest.raises(FileUnusable, match=reason) as caught:
        recognise(header.split(","), FileKind.INVOICES, mapping)
    assert str(caught.value).endswith(".")
