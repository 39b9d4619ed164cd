"""PDFs: what stands in them, and that their making reads nothing from outside."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from invoices.composing import PortalLink
from invoices.gateways.pdf import render_pdf
from invoices.gateways.words import LANGUAGES, words_of
from invoices.models import Client, CreditNote, Invoice, NumberSeries, Organisation, PaymentTerms, TermsPart
from invoices.queries.organisation import organisation
from invoices.rules.crediting import ByPieces, Whole
from invoices.rules.references import Transfer, client_reference, rf_reference, transfer_code
from invoices.services.credit_notes import issue_credit_note
from invoices.services.documents import credit_note_pdf, invoice_pdf, preview_credit_note, preview_invoice
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from tests.invoices.payment_stories import a_client, an_invoice, an_organisation

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft GmbH & Co. KG 株式会社東京"


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def plain(pdf: bytes) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text_of(pdf).split())


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


def fields(words: str) -> list[str]:
    """The names in braces: figures that a sentence takes."""
    return sorted(set(re.findall(r"\{(\w+)\}", words)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word_with_the_same_figures(language):
    english, words = words_of("en"), words_of(language)
    assert set(words) == set(english)
    assert {key: fields(text) for key, text in words.items()} == {key: fields(text) for key, text in english.items()}
    assert all(text.strip() for text in words.values())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ["Invoice date", "1 Mar 2026", "Please pay 36.15 EUR by 31 Mar 2026", "Tax 19 % on 30.38", "Page 1 of 1"],
        ),
        ("de", ["Rechnungsdatum", "01.03.2026", "Bitte zahlen Sie 36,15 EUR bis zum 31.03.2026", "Seite 1 von 1"]),
        ("fr", ["Date de facture", "1 mars 2026", "Merci de payer 36,15 EUR au plus tard le 31 mars 2026"]),
        ("es", ["Fecha de factura", "1 mar 2026", "Le rogamos que pague 36,15 EUR", "Impuesto 19 % sobre 30,38"]),
        ("nl", ["Factuurdatum", "1 mrt 2026", "Wilt u 36,15 EUR betalen, uiterlijk 31 mrt 2026", "Pagina 1 van 1"]),
        ("it", ["Invoice date"]),  # no Italian words: English
        ("de-AT", ["Rechnungsdatum"]),
    ],
)
def test_invoice_speaks_the_clients_language(acme, language, said):
    Client.objects.update(language=language)
    text = plain(invoice_pdf(a_long_invoice(Client.objects.get(), 2)))
    assert [words for words in said if words not in text] == []


def test_german_credit_note_says_what_it_corrects(acme):
    Client.objects.update(language="de")
    invoice = a_long_invoice(Client.objects.get(), 2)
    note = issue_credit_note(
        invoice.pk, what=ByPieces({invoice.lines.first().pk: Decimal(1)}), reason="Zu viel", actor="Fay"
    )
    text = plain(credit_note_pdf(note))
    assert "Rechnungskorrektur CN-00001" in text
    assert "INV-00001 vom 01.03.2026" in text
    assert "12,05 EUR davon werden von Rechnung INV-00001 abgezogen" in text


def test_preview_of_a_credit_note_takes_no_number_and_writes_nothing(acme):
    invoice = a_long_invoice(acme, 2)
    text = plain(preview_credit_note(invoice, Whole(), "Returned"))
    assert "DRAFT – NOT ISSUED YET" in text.upper()
    assert (CreditNote.objects.count(), NumberSeries.objects.filter(code="credit_note").exists()) == (0, False)


def test_preview_of_an_unsaved_invoice_leaves_nothing(acme):
    new = NewInvoice("EUR", date(2026, 3, 1))
    text = plain(preview_invoice(acme, new, [NewLine("Saws", Decimal(2), Decimal(50), Decimal(20))]))
    assert "120.00 EUR" in text
    assert Invoice.objects.count() == 0


@pytest.mark.parametrize(
    ("currency", "price", "total"), [("JPY", "1010", "1,212 JPY"), ("KWD", "10.1235", "12.149 KWD")]
)
def test_amounts_have_the_decimals_of_their_currency(acme, currency, price, total):
    line = NewLine("Saws", Decimal(1), Decimal(price), Decimal(20))
    text = plain(preview_invoice(acme, NewInvoice(currency, date(2026, 3, 1)), [line]))
    assert f"Total {total}" in text


def test_no_tax_is_explained(acme):
    Organisation.objects.update(country="DE")
    line = NewLine("Saws", Decimal(1), Decimal(100), tax_category="K")
    text = plain(preview_invoice(acme, NewInvoice("EUR", date(2026, 3, 1)), [line]))
    assert "Intra-Community supply (K): 0 % on 100.00" in text
    assert "exempt from tax. Article 138 of Directive 2006/112/EC." in text


def test_allowance_stands_between_the_lines_and_the_net(acme):
    lines = [NewLine("Saws", Decimal(1), Decimal(100), Decimal(20))]
    lines.append(NewLine("Loyalty", Decimal(1), Decimal(100), Decimal(20), Decimal(10), kind="allowance"))
    text = plain(preview_invoice(acme, NewInvoice("EUR", date(2026, 3, 1)), lines))
    assert "Sum of the lines 100.00 EUR Loyalty (10 % of 100.00) -10.00 EUR Net 90.00 EUR" in text


def test_settlement_discount_is_printed_with_its_amount_and_day(acme):
    terms = PaymentTerms.objects.create(
        code="2-10", name="2/10 net 30", days=30, discount_percent=Decimal(2), discount_days=10
    )
    line = NewLine("Saws", Decimal(1), Decimal(1000))
    text = plain(preview_invoice(acme, NewInvoice("EUR", date(2026, 6, 1), terms=terms), [line]))
    assert "Pay 980.00 EUR by 11 Jun 2026: that settles this invoice, 2 % less (20.00 EUR)." in text
    assert "Please pay 1,000.00 EUR by 1 Jul 2026" in text


def test_parts_are_printed_with_their_dates(acme):
    terms = PaymentTerms.objects.create(code="half", name="Half and half")
    TermsPart.objects.create(terms=terms, position=1, share="percent_of_total", value=50, days=10)
    TermsPart.objects.create(terms=terms, position=2, share="remainder", days=40)
    new = NewInvoice("EUR", date(2026, 6, 1), terms=terms)
    text = plain(preview_invoice(acme, new, [NewLine("Saws", Decimal(1), Decimal(1000))]))
    assert "Please pay 1,000.00 EUR in 2 parts 11 Jun 2026 500.00 EUR 11 Jul 2026 500.00 EUR" in text


def test_deferred_invoice_prints_both_due_dates(acme):
    invoice = an_invoice(acme)
    Invoice.objects.filter(pk=invoice.pk).update(original_due_on=invoice.due_on, due_on=date(2027, 1, 4))
    text = plain(invoice_pdf(Invoice.objects.get()))
    assert "Originally due" in text
    assert "by 4 Jan 2027" in text


@pytest.mark.parametrize(
    ("fields_of_client", "said"),
    [
        ({"late_charge_rule": "uk-1998"}, "interest is owed by law: Late Payment of Commercial Debts"),
        ({"late_charge_rule": "uk-1998"}, "costs of recovery, 40.00 GBP or more"),
        ({"late_charge_rule": "contract", "late_charge_rate": Decimal(8)}, "interest of 8 % a year is owed"),
    ],
)
def test_late_clause_says_what_lateness_costs(acme, fields_of_client, said):
    Client.objects.update(**fields_of_client)
    assert said in plain(invoice_pdf(an_invoice(Client.objects.get())))


def test_own_words_of_the_terms_come_before_the_law(acme):
    terms = PaymentTerms.objects.create(code="own", name="Own", late_fee_clause="We add 1 % a month.")
    Client.objects.update(terms=terms, late_charge_rule="uk-1998")
    text = plain(invoice_pdf(an_invoice(Client.objects.get())))
    assert "We add 1 % a month." in text
    assert "by law" not in text


def test_own_link_is_dated_and_the_printed_address_stays(acme, settings):
    invoice = an_invoice(acme)
    link = PortalLink(f"{settings.SITE_URL}/p/token/", date(2026, 10, 1))
    assert "opens your account until 1 Oct 2026" in plain(invoice_pdf(invoice, link))
    without = plain(invoice_pdf(invoice))
    assert f"{settings.SITE_URL}/p/" in without
    assert "sends you a link" in without


def test_document_names_itself_its_author_and_its_language(acme):
    Client.objects.update(language="fr")
    pdf = PdfReader(BytesIO(invoice_pdf(a_long_invoice(Client.objects.get(), 1))))
    assert (pdf.metadata.title, pdf.metadata.author) == (
        "Facture INV-00001",
        organisation().legal_name or organisation().name,
    )
    assert pdf.trailer["/Root"]["/Lang"] == "fr"


def has_cjk_font() -> bool:
    found = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


@pytest.mark.skipif(not has_cjk_font(), reason="No Chinese font is installed (package fonts-noto-cjk).")
def test_chinese_is_drawn_with_a_font_that_has_it(acme):
    pdf = PdfReader(BytesIO(invoice_pdf(a_long_invoice(acme, 1))))
    names = {str(font.get_object()["/BaseFont"]) for font in pdf.pages[0]["/Resources"]["/Font"].values()}
    assert [name for name in names if "CJK" in name or "Hei" in name or "Song" in name or "Droid" in name]
