"""Receipts by mail: one for each payment that succeeded."""

from __future__ import annotations

from decimal import Decimal

import pytest

from invoices.models import Contact
from invoices.services.payments import sync
from reminders.models import Acknowledgement
from reminders.services.acknowledgements import acknowledge_payments
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(card_processor):  # noqa: F811
    acme = a_client()
    an_invoice(acme, "70.00")
    payment = pay(an_invoice(acme, "100.00"), amounts=("60.00",))
    card_processor.bank.pay(payment.session_id)
    return sync(payment.pk)


def test_paid_client_gets_one_receipt_however_often_the_tick_rings(paid):
    assert [acknowledge_payments() for _ in range(3)] == [1, 0, 0]


def test_receipt_names_amount_invoice_and_what_is_left(paid):
    acknowledge_payments()
    row = Acknowledgement.objects.get()
    text = row.body_text.replace("\u00a0", " ")
    assert (row.recipient, row.kind, row.status) == ("ap@acme.example", "payment_received", "approved")
    assert row.subject.replace("\u00a0", " ") == "Receipt: 60.00 EUR received"
    assert "Dear Ann," in text
    assert "INV-00002  60.00 EUR" in text
    assert "Left to pay: 110.00 EUR" in text
    assert Decimal(row.facts["amount"]) == 60


def test_html_and_text_say_the_same(paid):
    acknowledge_payments()
    row = Acknowledgement.objects.get()
    assert "INV-00002" in row.body_html
    assert "/p/" in row.body_html


def test_open_payment_gets_no_receipt(card_processor):  # noqa: F811
    pay(an_invoice(a_client()))
    assert acknowledge_payments() == 0


def test_client_without_an_address_gets_none(paid):
    Contact.objects.update(email="")
    assert (acknowledge_payments(), Acknowledgement.objects.count()) == (0, 0)
