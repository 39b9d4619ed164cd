"""The client's own statement: any period, both layouts, and that looking changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils.timezone import localdate

from tests.builders import a_receipt
from tests.invoices.payment_stories import a_client, an_invoice
from tests.invoices.test_pdf import text_of as pdf_text
from tests.portal.test_pages import everything, text_of

URL = "/p/statements/"


@pytest.fixture
def paid(acme, invoice):
    a_receipt(acme, "40", pays=invoice)
    return invoice


def test_tab_leads_to_the_statement(ann):
    assert URL in ann.get("/p/").content.decode()


def test_statement_shows_items_and_balance(ann, paid):
    text = text_of(ann.get(URL))
    assert paid.number in text
    assert "owed on" in text


def test_movements_show_invoice_and_receipt_with_balances(ann, paid):
    text = text_of(ann.get(URL, {"layout": "balance_forward", "period": "year"}))
    assert "Receipt, bank transfer" in text
    assert "Brought forward" in text


@pytest.mark.parametrize("query", [{}, {"export": "pdf"}, {"export": "csv"}, {"layout": "balance_forward"}])
def test_looking_changes_nothing(ann, paid, query):
    before = everything()
    answer = ann.get(URL, query)
    b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert (answer.status_code, everything()) == (200, before)


def test_pdf_is_of_the_reader_and_nobody_else(ann, paid):
    stranger = an_invoice(a_client("OTHER", name="Other Ltd"), "77.77")
    text = pdf_text(ann.get(URL, {"export": "pdf"}).content)
    assert paid.number in text
    assert stranger.number not in text


def test_post_is_refused(ann):
    assert ann.post(URL).status_code == 405


def test_without_a_link_there_is_no_statement(db):
    assert Browser().get(URL).status_code == 403


def test_bad_period_is_said(ann, paid):
    today = localdate()
    query = {"first_on": today.isoformat(), "last_on": (today - timedelta(days=1)).isoformat()}
    assert "before it begins" in text_of(ann.get(URL, query))


def test_answer_is_kept_by_nobody(ann, paid):
    assert ann.get(URL, {"export": "pdf"})["Cache-Control"] == "no-store"
