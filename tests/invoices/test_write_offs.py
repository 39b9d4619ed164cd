"""Losses: asked for, approved by a second person, reversed, recovered; and money on account given back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import localdate

from invoices.errors import ExceedsOpen, LedgerError, NotIssued
from invoices.models import Client, Entry, Invoice, WriteOff, WriteOffReason
from invoices.queries.ledger import ledger_differences
from invoices.queries.write_offs import small_differences
from invoices.rules.allocation import Share
from invoices.rules.crediting import Whole
from invoices.services.credit_notes import issue_credit_note
from invoices.services.receipts import allocate, undo_allocation
from invoices.services.recoveries import recover
from invoices.services.refunds import NewRefund, decide_refund, refund_credit_note, refund_receipt
from invoices.services.write_offs import (
    NewWriteOff,
    ask_write_off,
    decide_write_off,
    reverse_write_off,
    write_off_small_difference,
)
from tests.builders import a_receipt, an_invoice, an_organisation, fay, ray, slowco

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    an_organisation(currency="GBP", write_off_limit=500, small_difference=1)
    return slowco()


@pytest.fixture(autouse=True)
def books_agree(db: None):
    yield
    assert [str(found) for found in ledger_differences()] == []


def a_loss(invoice: Invoice, amount: str, **fields: object) -> WriteOff:
    loss = ask_write_off(invoice.pk, NewWriteOff(Decimal(amount), **fields), actor=fay())
    invoice.refresh_from_db()
    return loss


def test_write_off_up_to_the_limit_is_booked_at_once(client):
    invoice = an_invoice(client, amount="500.00")
    loss = a_loss(invoice, "500.00")
    assert (loss.status, invoice.open_amount, invoice.closed_on) == ("booked", 0, localdate())


@pytest.mark.parametrize("currency", ["GBP", "EUR"])
def test_write_off_above_the_limit_or_in_another_currency_waits(client, currency):
    amount = {"GBP": "500.01", "EUR": "1.00"}[currency]
    invoice = an_invoice(client, amount=amount, currency=currency)
    loss = a_loss(invoice, amount)
    assert (loss.status, invoice.open_amount) == ("proposed", Decimal(amount))


def test_second_person_approves(client):
    invoice = an_invoice(client, amount="800.00")
    loss = decide_write_off(a_loss(invoice, "800.00").pk, is_approved=True, actor=ray())
    invoice.refresh_from_db()
    assert (loss.status, loss.decided_by, invoice.open_amount) == ("booked", ray(), 0)


@pytest.mark.parametrize(("who", "sentence"), [("asker", "yourself"), ("worker", "by a person")])
def test_who_asked_does_not_approve_nor_does_a_program(client, who, sentence):
    loss = a_loss(an_invoice(client, amount="800.00"), "800.00")
    with pytest.raises(LedgerError, match=sentence):
        decide_write_off(loss.pk, is_approved=True, actor=fay() if who == "asker" else "worker")


def test_who_asked_may_take_it_back(client):
    loss = a_loss(an_invoice(client, amount="800.00"), "800.00")
    assert decide_write_off(loss.pk, is_approved=False, actor=fay()).status == "refused"


def test_decision_is_made_once(client):
    loss = a_loss(an_invoice(client, amount="800.00"), "800.00")
    decide_write_off(loss.pk, is_approved=False, actor=ray())
    with pytest.raises(LedgerError, match="refused already"):
        decide_write_off(loss.pk, is_approved=True, actor=ray())


def test_paid_in_the_meantime_is_not_written_off(client):
    invoice = an_invoice(client, amount="800.00")
    loss = a_loss(invoice, "800.00")
    a_receipt(client, "300.00", pays=invoice)
    with pytest.raises(ExceedsOpen, match=r"only 500.00 GBP open by now"):
        decide_write_off(loss.pk, is_approved=True, actor=ray())


def test_one_write_off_waits_at_a_time(client):
    invoice = an_invoice(client, amount="1800.00")
    a_loss(invoice, "800.00")
    with pytest.raises(LedgerError, match="waits for approval already"):
        a_loss(invoice, "100.00")


@pytest.mark.parametrize(
    ("amount", "error"), [("100.01", ExceedsOpen), ("0", LedgerError), ("-1", LedgerError), ("0.001", LedgerError)]
)
def test_wrong_amount_is_refused(client, amount, error):
    with pytest.raises(error):
        a_loss(an_invoice(client), amount)


def test_paid_invoice_has_nothing_to_write_off(client):
    invoice = an_invoice(client)
    a_receipt(client, "100.00", pays=invoice)
    with pytest.raises(NotIssued):
        a_loss(invoice, "1.00")


def test_reversed_write_off_is_owed_again(client):
    invoice = an_invoice(client)
    loss = a_loss(invoice, "60.00")
    reverse_write_off(loss.pk, reason="They answered", actor=fay())
    invoice.refresh_from_db()
    assert (invoice.open_amount, invoice.closed_on) == (Decimal(100), None)


def test_rest_within_the_tolerance_is_written_off(client):
    invoice = an_invoice(client)
    a_receipt(client, "99.20", pays=invoice)
    assert small_differences(Invoice.objects.all()) == [invoice]
    loss = write_off_small_difference(invoice.pk, actor=fay())
    assert (loss.reason, loss.amount, loss.is_claim_alive) == (WriteOffReason.SMALL_DIFFERENCE, Decimal("0.8"), False)


def test_rest_above_the_tolerance_is_not(client):
    invoice = an_invoice(client)
    a_receipt(client, "98.99", pays=invoice)
    with pytest.raises(LedgerError, match=r"1.01 GBP open on invoice INV-00001 is no small difference"):
        write_off_small_difference(invoice.pk, actor=fay())


def test_later_receipt_is_a_recovery(client):
    invoice = an_invoice(client)
    loss = a_loss(invoice, "100.00")
    receipt = a_receipt(client, "70.00")
    recover(invoice.pk, receipt_id=receipt.pk, amount=Decimal(70), actor=fay())
    for row in (invoice, loss, receipt):
        row.refresh_from_db()
    assert (invoice.open_amount, loss.recovered_amount, receipt.unapplied_amount) == (0, Decimal(70), 0)


def test_recovery_goes_no_further_than_the_loss(client):
    invoice = an_invoice(client)
    a_loss(invoice, "60.00")
    receipt = a_receipt(client, "100.00")
    with pytest.raises(ExceedsOpen, match=r"60.00 GBP can be recovered on invoice INV-00001; 70.00 is more"):
        recover(invoice.pk, receipt_id=receipt.pk, amount=Decimal(70), actor=fay())


def test_claim_that_died_is_not_recovered(client):
    invoice = an_invoice(client)
    a_loss(invoice, "100.00", is_claim_alive=False)
    receipt = a_receipt(client, "70.00")
    with pytest.raises(ExceedsOpen):
        recover(invoice.pk, receipt_id=receipt.pk, amount=Decimal(70), actor=fay())


def test_bounced_recovery_is_owed_again(client):
    invoice = an_invoice(client)
    a_loss(invoice, "100.00")
    receipt = a_receipt(client, "70.00")
    allocation = recover(invoice.pk, receipt_id=receipt.pk, amount=Decimal(70), actor=fay())
    undo_allocation(allocation.pk, actor=fay())
    invoice.refresh_from_db()
    assert invoice.open_amount == Decimal(70)


def test_what_was_recovered_stays_when_the_rest_is_reversed(client):
    invoice = an_invoice(client)
    loss = a_loss(invoice, "100.00")
    recover(invoice.pk, receipt_id=a_receipt(client, "70.00").pk, amount=Decimal(70), actor=fay())
    reverse_write_off(loss.pk, reason="They pay the rest", actor=fay())
    invoice.refresh_from_db()
    assert invoice.open_amount == Decimal(30)


def test_written_off_invoice_is_not_credited_as_if_paid(client):
    invoice = an_invoice(client)
    a_loss(invoice, "100.00")
    with pytest.raises(LedgerError, match="Reverse the write-off first"):
        issue_credit_note(invoice.pk, what=Whole(), reason="Returned", actor=fay())


def test_write_off_is_not_dated_before_the_allocation_it_follows_was_undone(client):
    invoice = an_invoice(client, days_late=30)
    receipt = a_receipt(client, "100.00", pays=invoice, on=localdate() - timedelta(days=9))
    undo_allocation(receipt.allocations.get().pk, actor="Fay")
    ask_write_off(invoice.pk, NewWriteOff(Decimal(100)), actor=fay(), on=localdate() - timedelta(days=20))
    assert Entry.objects.get(kind="written_off").booked_on == localdate()


# --- refunds


def test_refund_takes_from_what_is_on_account(client):
    receipt = a_receipt(client, "100.00")
    refund = refund_receipt(receipt.pk, NewRefund(Decimal(40), "Paid twice"), actor=fay())
    receipt.refresh_from_db()
    assert (refund.status, receipt.unapplied_amount) == ("booked", Decimal(60))


def test_refund_of_a_credit_note(client):
    invoice = an_invoice(client)
    a_receipt(client, "100.00", pays=invoice)
    note = issue_credit_note(invoice.pk, what=Whole(), reason="Returned", actor=fay())
    refund_credit_note(note.pk, NewRefund(Decimal(100), "Asked for it"), actor=fay())
    note.refresh_from_db()
    assert note.unapplied_amount == 0


def test_refund_above_the_limit_waits_for_a_second_person(client):
    receipt = a_receipt(client, "900.00")
    refund = refund_receipt(receipt.pk, NewRefund(Decimal(900), "Paid twice"), actor=fay())
    with pytest.raises(LedgerError, match="yourself"):
        decide_refund(refund.pk, is_approved=True, actor=fay())
    assert decide_refund(refund.pk, is_approved=True, actor=ray()).status == "booked"


def test_refund_of_what_was_allocated_meanwhile_is_refused(client):
    receipt = a_receipt(client, "900.00")
    refund = refund_receipt(receipt.pk, NewRefund(Decimal(900), "Paid twice"), actor=fay())
    allocate(receipt.pk, [Share(an_invoice(client, amount="900.00").pk, Decimal(1))], actor="Fay")
    with pytest.raises(ExceedsOpen):
        decide_refund(refund.pk, is_approved=True, actor=ray())


@pytest.mark.parametrize(("amount", "reason"), [("100.01", "Twice"), ("0", "Twice"), ("0.001", "Twice"), ("5", " ")])
def test_wrong_refund_is_refused(client, amount, reason):
    receipt = a_receipt(client, "100.00")
    with pytest.raises(LedgerError):
        refund_receipt(receipt.pk, NewRefund(Decimal(amount), reason), actor=fay())


def test_loss_in_parts_does_not_stay_under_the_limit(client):
    invoice = an_invoice(client, amount="900.00")
    first = a_loss(invoice, "400.00")
    assert (first.status, a_loss(invoice, "200.00").status) == ("booked", "proposed")


def test_refund_in_parts_does_not_stay_under_the_limit(client):
    receipt = a_receipt(client, "900.00")
    asked = [
        refund_receipt(receipt.pk, NewRefund(Decimal(amount), "Paid twice"), actor=fay()) for amount in ("400", "200")
    ]
    assert [one.status for one in asked] == ["booked", "proposed"]
