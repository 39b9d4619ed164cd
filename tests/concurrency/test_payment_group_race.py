"""Giving back online money that paid another client's invoice: both clients' locks at once, in one order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError

from invoices.models import Client, Invoice, Payment
from invoices.queries.ledger import ledger_differences
from invoices.rules.allocation import Share
from invoices.services import payments, receipts
from invoices.services.payments import sync
from tests.concurrency.test_races import at_once, meeting
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, pay

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def crossed(card_processor):  # noqa: F811
    """Two clients that pay for each other: each one's online money is on an invoice of the other, and goes back."""
    one, other = a_client("ONE", "One"), a_client("OTHER", "Other")
    Client.objects.filter(pk=one.pk).update(payer=other)
    Client.objects.filter(pk=other.pk).update(payer=one)
    found = []
    for payer, owner in ((one, other), (other, one)):
        payment = pay(an_invoice(payer))
        card_processor.bank.pay(payment.session_id)
        payment = sync(payment.pk)
        receipts.undo_allocation(payment.receipt.allocations.get().pk, actor="Fay")
        receipts.allocate(payment.receipt_id, [Share(an_invoice(owner).pk, Decimal(100))], actor="Fay")
        card_processor.bank.refund(payment.session_id)
        found.append(payment)
    return found


def one_by_one(payment_id: int) -> set[int]:
    """The control's: only the payer's lock is taken first."""
    return {Payment.objects.get(pk=payment_id).client_id}


def give_back(crossed: list[Payment]) -> list[Any]:
    return at_once(*[lambda pk=payment.pk: sync(pk) for payment in crossed])


def test_two_payers_of_each_other_do_not_wait_for_each_other(crossed):
    assert give_back(crossed) == []
    assert set(Invoice.objects.values_list("open_amount", flat=True)) == {Decimal(100)}
    assert list(ledger_differences()) == []


def test_control_with_one_lock_at_first_they_lock_each_other_out(crossed, monkeypatch):
    monkeypatch.setattr(payments, "_concerned", one_by_one)
    with meeting(monkeypatch, payments, "lock_clients", 2, patience=10):
        raised = give_back(crossed)
    assert [type(error) for error in raised] == [OperationalError]
    assert "deadlock" in str(raised[0])
