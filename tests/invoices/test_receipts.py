"""Money in: other currencies, how long it may go back, small differences, and why it went back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from invoices.errors import LedgerError
from invoices.models import AuditEvent, Receipt, ReceiptMethod, ReversalReason, WriteOff, WriteOffReason
from invoices.queries.ledger import ledger_differences
from invoices.rules.allocation import Share
from invoices.services.receipts import NewReceipt, allocate, record_receipt
from invoices.services.reversals import reverse_receipt
from reminders.models import Task, TaskKind
from reminders.services.returns import return_payment
from tests.builders import a_client, a_receipt, an_invoice, an_organisation

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 3, 2)


@pytest.fixture
def client():
    an_organisation(currency="GBP", small_difference=Decimal(1))
    return a_client("SLOWCO", name="Slowco plc")


def came_in(amount: str | None, currency: str) -> NewReceipt:
    received = None if amount is None else Decimal(amount)
    return NewReceipt(Decimal(950), "GBP", MONDAY, received_amount=received, received_currency=currency)


def test_other_money_is_kept_beside_what_the_bank_credited(client):
    receipt = record_receipt(client, came_in("1200", "USD"), actor="Fay")
    assert (receipt.amount, receipt.currency) == (Decimal(950), "GBP")
    assert (receipt.received_amount, receipt.received_currency) == (Decimal(1200), "USD")
    assert AuditEvent.objects.get(verb="receipt_recorded").text.endswith("credited by the bank for 1200.00 USD")


@pytest.mark.parametrize(
    ("amount", "currency"), [("1200", "GBP"), ("1200", ""), (None, "USD"), ("0", "USD"), ("1.5", "JPY")]
)
def test_half_told_other_money_is_refused(client, amount, currency):
    with pytest.raises(LedgerError):
        record_receipt(client, came_in(amount, currency), actor="Fay")
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    ("method", "until"),
    [
        (ReceiptMethod.DIRECT_DEBIT, date(2026, 4, 27)),
        (ReceiptMethod.CARD, date(2026, 6, 30)),
        (ReceiptMethod.BANK, None),
    ],
)
def test_receipt_knows_until_when_it_may_go_back(client, method, until):
    receipt = record_receipt(client, NewReceipt(Decimal(1), "GBP", MONDAY, method), actor="Fay")
    assert receipt.reversible_until == until


def test_small_difference_is_given_up_with_the_allocation(client):
    invoice = an_invoice(client, amount="100.00")
    receipt = a_receipt(client, "99.50")
    allocate(receipt.pk, [Share(invoice.pk, Decimal("99.50"), writes_off_rest=True)], actor="Fay")
    invoice.refresh_from_db()
    loss = WriteOff.objects.get()
    assert (invoice.open_amount, loss.amount, loss.reason) == (0, Decimal("0.50"), WriteOffReason.SMALL_DIFFERENCE)
    assert list(ledger_differences()) == []


def test_rest_above_the_tolerance_takes_the_allocation_along(client):
    invoice = an_invoice(client, amount="100.00")
    receipt = a_receipt(client, "98.00")
    with pytest.raises(LedgerError, match="no small difference"):
        allocate(receipt.pk, [Share(invoice.pk, Decimal(98), writes_off_rest=True)], actor="Fay")
    receipt.refresh_from_db()
    assert receipt.unapplied_amount == 98


def test_reversal_keeps_its_reason(client):
    receipt = a_receipt(client, "50.00", pays=an_invoice(client))
    reverse_receipt(receipt.pk, kind=ReversalReason.BOUNCED_CHEQUE, reason="No funds", actor="Fay")
    receipt.refresh_from_db()
    assert receipt.reversal_reason == ReversalReason.BOUNCED_CHEQUE
    assert AuditEvent.objects.get(verb="receipt_reversed").text.endswith("reversed: Bounced cheque: No funds")


def test_returned_payment_asks_for_a_talk(client):
    invoice = an_invoice(client)
    receipt = a_receipt(client, "50.00", pays=invoice)
    return_payment(receipt.pk, kind=ReversalReason.RETURNED_DEBIT, reason="", actor="Fay")
    task = Task.objects.get(kind=TaskKind.RETURNED_PAYMENT)
    assert task.client == client
    assert task.text == f"50.00 GBP went back: returned direct debit. Open again: {invoice}."


def test_mistake_asks_for_nothing(client):
    return_payment(a_receipt(client, "50.00").pk, kind=ReversalReason.MISTAKE, reason="Twice", actor="Fay")
    assert not Task.objects.exists()


def test_refused_reversal_leaves_no_task(client):
    receipt = a_receipt(client, "50.00")
    reverse_receipt(receipt.pk, reason="Returned", actor="Fay")
    with pytest.raises(LedgerError, match="reversed already"):
        return_payment(receipt.pk, kind=ReversalReason.CHARGEBACK, reason="", actor="Fay")
    assert not Task.objects.exists()
