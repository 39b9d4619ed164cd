"""What a client reads of credit notes, and what he does not read of our losses."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from invoices.models import CreditNote, Organisation
from invoices.rules.crediting import ByAmount, Whole
from invoices.services.credit_notes import issue_credit_note
from invoices.services.write_offs import NewWriteOff, ask_write_off
from tests.builders import a_receipt
from tests.invoices.payment_stories import a_client, an_invoice


def text_of(answer) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def a_credit_note(invoice, what=None) -> CreditNote:
    return issue_credit_note(invoice.pk, what=what or Whole(), reason="Late delivery", actor="Fay")


def where(invoice) -> str:
    return reverse("portal:invoice", args=[invoice.pk])


def test_credit_note_stands_on_its_invoice_with_its_pdf(ann, invoice):
    note = a_credit_note(invoice, ByAmount(Decimal(10)))
    assert "CN-00001" in text_of(ann.get(where(invoice)))
    pdf = ann.get(reverse("portal:credit_note_pdf", args=[note.pk]))
    assert "Credit note CN-00001" in PdfReader(BytesIO(pdf.content)).pages[0].extract_text()


def test_credit_note_of_another_client_is_not_found(ann):
    note = a_credit_note(an_invoice(a_client("OTHER")))
    assert ann.get(reverse("portal:credit_note_pdf", args=[note.pk])).status_code == 404


def test_invoice_credited_in_whole_is_called_credited(ann, invoice):
    a_credit_note(invoice)
    assert "Credited" in text_of(ann.get(where(invoice)))
    assert "credited" in text_of(ann.get(reverse("portal:paid")))


def test_credit_of_a_paid_invoice_is_on_account(ann, invoice):
    a_receipt(invoice.client, invoice.total_amount, pays=invoice, currency=invoice.currency)
    a_credit_note(invoice, ByAmount(Decimal(10)))
    assert "10.00 <abbr>EUR</abbr></span> of yours is on account" in text_of(ann.get(reverse("portal:overview")))


@pytest.fixture
def lost(invoice):
    """Written off as a whole; the claim lives on."""
    Organisation.objects.update(currency="EUR")
    ask_write_off(invoice.pk, NewWriteOff(invoice.open_amount), actor="Fay")
    return invoice


def test_written_off_invoice_is_neither_paid_nor_called_a_loss(ann, lost):
    text = text_of(ann.get(where(lost)))
    assert ("Closed" in text, "ritten off" in text) == (True, False)


def test_written_off_invoice_is_not_among_the_settled(ann, lost):
    assert lost.number not in text_of(ann.get(reverse("portal:paid")))
