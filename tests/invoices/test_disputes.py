from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import localdate

from invoices.errors import ExceedsOpen, InvalidAmount, LedgerError, NotIssued
from invoices.models import Client, Invoice
from invoices.services.disputes import close_dispute, open_dispute
from tests.invoices.payment_stories import a_client, an_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice():
    return an_invoice(a_client())


def contest(invoice, amount="40.00"):
    return open_dispute(invoice.pk, amount=Decimal(amount), reason="price", opened_by="Ann", actor="Fay")


@pytest.mark.parametrize(
    ("amount", "error"),
    [("100.01", ExceedsOpen), ("0", InvalidAmount), ("-1", InvalidAmount), ("1.001", InvalidAmount)],
)
def test_amount_outside_the_open_amount_is_refused(invoice, amount, error):
    with pytest.raises(error):
        contest(invoice, amount)


def test_settled_invoice_cannot_be_disputed(invoice):
    Invoice.objects.update(open_amount=0)
    with pytest.raises(NotIssued):
        contest(invoice)


def test_one_open_dispute_at_a_time(invoice):
    dispute = contest(invoice)
    with pytest.raises(LedgerError, match="already"):
        contest(invoice)
    close_dispute(dispute.pk, status="rejected", outcome="As agreed.", actor="Fay")
    assert contest(invoice).pk != dispute.pk


def test_closing_wakes_collections_and_happens_once(invoice):
    dispute = contest(invoice)
    Client.objects.update(review_on=localdate() + timedelta(days=30))
    close_dispute(dispute.pk, status="withdrawn", outcome="", actor="Fay")
    assert Client.objects.get().review_on == localdate()
    with pytest.raises(LedgerError, match="already"):
        close_dispute(dispute.pk, status="accepted", outcome="", actor="Fay")


def test_dispute_ends_in_one_of_three_ways(invoice):
    with pytest.raises(LedgerError, match="accepted, rejected or withdrawn"):
        close_dispute(contest(invoice).pk, status="open", outcome="", actor="Fay")
