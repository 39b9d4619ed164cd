"""PDFs: what stands in them, and that their making reads nothing from outside."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from invoices.gateways.pdf import render_pdf
from invoices.models import Invoice
from invoices.rules.references import Transfer, client_reference, rf_reference, transfer_code
from invoices.services.documents import invoice_pdf
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from tests.invoices.payment_stories import a_client, an_invoice, an_organisation

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft GmbH & Co. KG 株式会社東京"


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


@pytest.fixture
def acme(db):
    an_organisation()
    return a_client(name=LONG)


def a_long_invoice(client, lines):
    new = NewInvoice("EUR", date(2026, 3, 1), date(2026, 3, 31), reference="PO 4711")
    rows = [NewLine(f"上海 consulting {n}", Decimal("1.5"), Decimal("10.1234"), Decimal(19)) for n in range(lines)]
    return issue_invoice(draft_invoice(client, new, rows, actor="Fay").pk, actor="Fay")


def test_invoice_has_number_names_amounts_and_account(acme):
    text = text_of(invoice_pdf(a_long_invoice(acme, 2)))
    assert "株式会社東京" in text.replace("\n", "")  # a long name wraps anywhere
    for words in (
        "INV-00001",
        "上海 consulting 1",
        "31 Mar 2026",
        "36.15",
        "PO 4711",
        "DE02 1203 0000",
    ):
        assert words in text


def test_long_invoice_repeats_its_head_and_counts_its_pages(acme):
    pdf = PdfReader(BytesIO(invoice_pdf(a_long_invoice(acme, 60))))
    assert len(pdf.pages) >= 3
    assert all("Description" in page.extract_text() for page in pdf.pages[:-1])
    assert f"Page 2 of {len(pdf.pages)}" in pdf.pages[1].extract_text()


def test_draft_says_that_it_is_none(acme):
    invoice = an_invoice(acme)
    Invoice.objects.filter(pk=invoice.pk).update(status="draft", open_amount=0, number=None)
    invoice.refresh_from_db()
    assert "not an invoice yet" in text_of(invoice_pdf(invoice)).lower()


def test_partly_paid_invoice_says_what_is_left(acme):
    invoice = an_invoice(acme)
    Invoice.objects.filter(pk=invoice.pk).update(open_amount=40)
    invoice.refresh_from_db()
    assert "Left to pay" in text_of(invoice_pdf(invoice))


@pytest.mark.parametrize(
    "html",
    [
        "<img src='file://{path}'>",
        "<img src='{path}'>",
        "<link rel=attachment href='file://{path}'>",
        "<link rel=stylesheet href='file://{path}'>",
        "<style>@import url(file://{path})</style>",
        "<object data='file://{path}'></object>",
        "<embed src='file://{path}'>",
        "<svg><image href='file://{path}'/></svg>",
        "<img src='data:text/plain,SECRET'>",
        "<img src='asset:../settings.py'>",
    ],
)
def test_document_reads_no_file_and_no_address(tmp_path, html, monkeypatch):
    path = tmp_path / "secret.txt"
    path.write_text("SECRET")
    opened = []
    monkeypatch.setattr("weasyprint.urls.URLFetcher.open", lambda *a, **k: opened.append(a))
    pdf = render_pdf(f"<p>Visible</p>{html.format(path=path)}")
    assert "Visible" in text_of(pdf)
    assert b"SECRET" not in pdf
    assert (opened, PdfReader(BytesIO(pdf)).attachments) == ([], {})


def test_own_asset_is_drawn():
    assert len(render_pdf("<img src='asset:mark.svg'>")) > len(render_pdf("<p>.</p>")) - 5000


@pytest.mark.parametrize(("body", "reference"), [("539007547034", "RF18539007547034"), ("C000001", "RF56C000001")])
def test_creditor_reference_has_its_check_digits(body, reference):
    assert rf_reference(body) == reference


@pytest.mark.parametrize("client_id", [1, 42, 999_999, 12_345_678])
def test_creditor_reference_leaves_one_modulo_97(client_id):
    reference = client_reference(client_id)
    moved = reference[4:] + reference[:4]
    assert int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


@pytest.mark.parametrize("body", ["", "A-1", "Ä", "A" * 22])
def test_what_cannot_be_a_reference_is_refused(body):
    with pytest.raises(ValueError, match="creditor reference"):
        rf_reference(body)


@pytest.mark.parametrize(
    ("amount", "iban", "currency", "has_code"),
    [
        ("10.00", "DE02120300000000202051", "EUR", True),
        ("10.00", "DE02120300000000202051", "USD", False),
        ("10.00", "", "EUR", False),
        ("0", "DE02120300000000202051", "EUR", False),
        ("1000000000", "DE02120300000000202051", "EUR", False),
    ],
)
def test_transfer_code_is_drawn_where_the_standard_reaches(amount, iban, currency, has_code):
    transfer = Transfer("Northwind GmbH", iban, "", Decimal(amount), rf_reference("C1"))
    assert bool(transfer_code(transfer, currency)) is has_code
