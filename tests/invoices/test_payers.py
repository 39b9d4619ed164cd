"""One client pays for others: each client's books balance by themselves, in every report."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.utils.timezone import localdate

from invoices.errors import ExceedsOpen, LedgerError
from invoices.models import AuditEvent, Client, Entry, EntryKind, Invoice, Receipt
from invoices.queries.general_ledger import control_totals
from invoices.queries.ledger import ledger_differences
from invoices.queries.payables import allocatable
from invoices.queries.statements import CurrencyStatement, account_statement
from invoices.rules.allocation import ClaimOrder, Share
from invoices.rules.crediting import ByAmount
from invoices.rules.periods import Period
from invoices.services.credit_notes import allocate_credit, issue_credit_note
from invoices.services.receipts import NewReceipt, allocate, record_receipt, undo_allocation
from invoices.services.reversals import reverse_receipt
from invoices.services.transfers import NewTransfer, move_back, move_receipt
from tests.builders import a_client, a_receipt, an_invoice, an_organisation

pytestmark = pytest.mark.django_db
TODAY = localdate()
MONTH = Period(TODAY - timedelta(days=20), TODAY)


class Group(NamedTuple):
    payer: Client
    north: Client
    invoice: Invoice  # of north: 100.00
    own: Invoice  # of the payer: 100.00
    stranger: Client


@pytest.fixture
def group() -> Group:
    an_organisation(currency="GBP")
    payer = a_client("HOLDING", name="Holding plc")
    north = a_client("NORTH", name="North Ltd", payer=payer)
    return Group(payer, north, an_invoice(north), an_invoice(payer), a_client("OTHER", name="Other Ltd"))


def pay(group: Group, amount: str = "150.00", *, own: str = "50.00", north: str = "100.00") -> Receipt:
    shares = [Share(group.own.pk, Decimal(own)), Share(group.invoice.pk, Decimal(north))]
    new = NewReceipt(Decimal(amount), "GBP", TODAY, reference="TRF 9")
    return record_receipt(group.payer, new, shares=shares, actor="Fay")


def statement_of(client: Client) -> CurrencyStatement:
    return account_statement(client, MONTH).currencies[0]


def lines(client: Client) -> list[tuple[str, str]]:
    return [(row.what, f"{row.amount:f}") for row in statement_of(client).movements.rows]


def assert_balanced(*clients: Client) -> None:
    """Nothing differs; what each statement says moved is what it says is open, less what is on account."""
    assert [str(one) for one in ledger_differences()] == []
    for client in clients:
        found = statement_of(client)
        open_amount = sum((item.open_amount for item in found.open_items), Decimal(0))
        credit = sum((credit.amount for credit in found.credits), Decimal(0))
        assert found.closing == open_amount - credit
    assert [total.difference for total in control_totals(MONTH)] == [0]


def test_payer_pays_an_invoice_of_its_group(group):
    pay(group)
    group.invoice.refresh_from_db()
    assert group.invoice.open_amount == 0
    assert_balanced(group.payer, group.north)


def test_entries_of_an_allocation_across_are_of_one_client_each(group):
    pay(group)
    pair = Entry.objects.filter(allocation__invoice=group.invoice).order_by("amount")
    assert [(one.client, one.amount) for one in pair] == [(group.north, Decimal(-100)), (group.payer, Decimal(100))]


def test_both_statements_say_who_paid_for_whom(group):
    pay(group)
    assert lines(group.payer)[-2:] == [("Receipt, bank transfer", "-150.00"), ("Paid for North Ltd", "100.00")]
    assert ("Paid by Holding plc", "-100.00") in lines(group.north)


def test_payment_taken_back_stands_in_both_statements(group):
    receipt = pay(group)
    undo_allocation(receipt.allocations.get(invoice=group.invoice).pk, actor="Fay")
    group.invoice.refresh_from_db()
    assert group.invoice.open_amount == 100
    assert ("Payment by Holding plc taken back", "100.00") in lines(group.north)
    assert_balanced(group.payer, group.north)


def test_both_clients_are_looked_at_again_and_both_histories_know(group):
    Client.objects.update(review_on=None)
    pay(group)
    assert Client.objects.filter(review_on=TODAY).count() == 2
    texts = set(AuditEvent.objects.filter(verb="receipt_allocated").values_list("client__code", "text"))
    number = group.invoice.number
    assert ("NORTH", f"100.00 GBP allocated to {number}, paid by Holding plc") in texts
    assert ("HOLDING", f"100.00 GBP allocated to {number} of North Ltd") in texts


def test_client_does_not_pay_for_its_payer(group):
    receipt = a_receipt(group.north, "100.00")
    with pytest.raises(LedgerError, match="belongs to another client"):
        allocate(receipt.pk, [Share(group.own.pk, Decimal(100))], actor="Fay")


def test_nobody_pays_for_a_stranger(group):
    receipt = a_receipt(group.stranger, "100.00")
    with pytest.raises(LedgerError, match="belongs to another client"):
        allocate(receipt.pk, [Share(group.invoice.pk, Decimal(100))], actor="Fay")


def test_credit_stays_with_the_client_whose_invoice_it_corrects(group):
    a_receipt(group.payer, "100.00", pays=group.own)
    note = issue_credit_note(group.own.pk, what=ByAmount(Decimal(30)), reason="Returned", actor="Fay")
    with pytest.raises(LedgerError, match="belongs to another client"):
        allocate_credit(note.pk, [Share(group.invoice.pk, Decimal(30))], actor="Fay")


def test_reversal_opens_the_invoices_of_the_whole_group(group):
    receipt = pay(group)
    reverse_receipt(receipt.pk, reason="Returned", actor="Fay")
    assert set(Invoice.objects.values_list("open_amount", flat=True)) == {Decimal(100)}
    assert_balanced(group.payer, group.north)


def test_payables_are_those_of_the_group_and_no_others(group):
    an_invoice(group.stranger)
    found = allocatable(group.payer, Decimal(100), "GBP")
    assert {item.owner for item in found.items} == {"Holding plc", "North Ltd"}
    assert {item.owner for item in allocatable(group.north, Decimal(100), "GBP").items} == {"North Ltd"}


def test_own_claim_order_comes_before_ours(group):
    Client.objects.filter(pk=group.north.pk).update(claim_order=ClaimOrder.COSTS_FIRST)
    group.north.refresh_from_db()
    assert allocatable(group.north, Decimal(1), "GBP").money.order == ClaimOrder.COSTS_FIRST
    assert allocatable(group.payer, Decimal(1), "GBP").money.order == ClaimOrder.PRINCIPAL_FIRST


# --- transfers


def moved_to(group: Group, receipt: Receipt, amount: str = "60.00") -> Receipt:
    new = NewTransfer(group.stranger.pk, Decimal(amount), "It was Other's money")
    return move_receipt(receipt.pk, new, actor="Fay")


def test_money_on_account_moves_to_another_client(group):
    receipt = a_receipt(group.payer, "100.00")
    moved = moved_to(group, receipt)
    receipt.refresh_from_db()
    assert (receipt.unapplied_amount, moved.unapplied_amount, moved.client) == (40, 60, group.stranger)
    assert_balanced(group.payer, group.stranger)


def test_moved_money_pays_there_as_any_other(group):
    moved = moved_to(group, a_receipt(group.payer, "100.00"))
    invoice = an_invoice(group.stranger)
    allocate(moved.pk, [Share(invoice.pk, Decimal(60))], actor="Fay")
    invoice.refresh_from_db()
    assert invoice.open_amount == 40
    assert_balanced(group.payer, group.stranger)


def test_transfer_is_moved_back(group):
    receipt = a_receipt(group.payer, "100.00")
    moved = move_back(moved_to(group, receipt).pk, actor="Fay")
    receipt.refresh_from_db()
    assert (receipt.unapplied_amount, moved.unapplied_amount, moved.reversed_on) == (100, 0, TODAY)
    with pytest.raises(LedgerError, match="moved back already"):
        move_back(moved.pk, actor="Fay")
    assert_balanced(group.payer)


def test_both_histories_give_the_reason(group):
    moved_to(group, a_receipt(group.payer, "100.00"))
    texts = dict(AuditEvent.objects.filter(verb="receipt_moved").values_list("client__code", "text"))
    assert texts == {
        "HOLDING": "60.00 GBP to Other Ltd moved: It was Other's money",
        "OTHER": "60.00 GBP from Holding plc moved: It was Other's money",
    }


def test_used_transfer_is_not_moved_back(group):
    moved = moved_to(group, a_receipt(group.payer, "100.00"))
    allocate(moved.pk, [Share(an_invoice(group.stranger).pk, Decimal(20))], actor="Fay")
    with pytest.raises(LedgerError, match=r"20\.00 GBP of it is allocated or refunded"):
        move_back(moved.pk, actor="Fay")


@pytest.mark.parametrize(
    ("amount", "reason", "error"),
    [
        ("100.01", "Theirs", ExceedsOpen),
        ("0", "Theirs", LedgerError),
        ("0.001", "Theirs", LedgerError),
        ("10", " ", LedgerError),
    ],
)
def test_wrong_transfer_is_refused(group, amount, reason, error):
    receipt = a_receipt(group.payer, "100.00")
    with pytest.raises(error):
        move_receipt(receipt.pk, NewTransfer(group.stranger.pk, Decimal(amount), reason), actor="Fay")
    assert Receipt.objects.count() == 1


def test_moved_money_is_moved_on_only_from_where_it_came_in(group):
    moved = moved_to(group, a_receipt(group.payer, "100.00"))
    with pytest.raises(LedgerError, match="moved here from Holding plc"):
        move_receipt(moved.pk, NewTransfer(group.north.pk, Decimal(1), "Theirs"), actor="Fay")
    with pytest.raises(LedgerError, match="moved here from Holding plc"):
        reverse_receipt(moved.pk, reason="Returned", actor="Fay")


def test_reversal_brings_back_what_was_moved_and_used(group):
    receipt = a_receipt(group.payer, "100.00")
    moved = moved_to(group, receipt)
    invoice = an_invoice(group.stranger)
    allocate(moved.pk, [Share(invoice.pk, Decimal(60))], actor="Fay")
    reverse_receipt(receipt.pk, reason="Returned", actor="Fay")
    invoice.refresh_from_db()
    moved.refresh_from_db()
    assert (invoice.open_amount, moved.unapplied_amount, moved.reversed_on) == (100, 0, TODAY)
    assert_balanced(group.payer, group.stranger)


# --- check_ledger finds damage


def test_transfer_with_one_leg_is_found(group):
    moved = moved_to(group, a_receipt(group.payer, "100.00"))
    Entry.objects.filter(receipt=moved, kind=EntryKind.MOVED).delete()
    found = " ".join(map(str, ledger_differences()))
    assert "transfers that do not balance" in found
    assert "no entry brought its amount" in found


def test_entry_of_an_allocation_across_with_the_wrong_client_is_found(group):
    pay(group)
    Entry.objects.filter(kind=EntryKind.ALLOCATED, invoice=group.invoice).update(client=group.payer)
    assert "of another client or currency" in " ".join(map(str, ledger_differences()))
