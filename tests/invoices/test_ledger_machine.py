"""Any order of issuing, receiving, allocating, crediting, losing, refunding and undoing leaves the books right."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from invoices.errors import LedgerError
from invoices.models import (
    Allocation,
    Client,
    CreditNote,
    Discount,
    Invoice,
    PaymentTerms,
    Receipt,
    Settlement,
    WriteOff,
)
from invoices.queries.ageing import aged_balances
from invoices.queries.discounts import open_offer
from invoices.queries.ledger import ledger_differences
from invoices.queries.settlements import left_to_pay
from invoices.rules.allocation import Share
from invoices.rules.crediting import ByAmount, Whole
from invoices.rules.money import quantise
from invoices.services.credit_notes import allocate_credit, issue_credit_note
from invoices.services.discounts import decide_discount
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice, void_invoice
from invoices.services.receipts import NewReceipt, allocate, record_receipt, undo_allocation
from invoices.services.recoveries import recover
from invoices.services.refunds import NewRefund, refund_credit_note, refund_receipt
from invoices.services.reversals import reverse_receipt
from invoices.services.settlements import NewSettlement, ask_settlement, lapse_settlement, withdraw_settlement
from invoices.services.write_offs import NewWriteOff, ask_write_off, reverse_write_off
from tests.builders import a_client, a_receipt, an_invoice, an_organisation, fay

DAY = date(2026, 3, 2)
LAST = DAY + timedelta(days=90)
# A failing story is shown as found: shrinking it, with a database below, takes minutes.
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
amounts = st.decimals(Decimal("0.01"), Decimal("99.99"), places=2)
days = st.integers(0, 60).map(lambda n: DAY + timedelta(days=n))


class Books(RuleBasedStateMachine):
    """Refusals (LedgerError) are fine; wrong books are not."""

    invoices = Bundle("invoices")
    receipts = Bundle("receipts")
    allocations = Bundle("allocations")
    credit_notes = Bundle("credit_notes")
    losses = Bundle("losses")
    settlements = Bundle("settlements")

    def __init__(self) -> None:
        super().__init__()
        an_organisation(currency="GBP", country="GB", settlement_percent=100)
        self.client = a_client()

    @rule(target=invoices, amount=amounts, due_on=days)
    def issue(self, amount: Decimal, due_on: date) -> int:
        return an_invoice(self.client, amount=amount, due_on=due_on).pk

    @rule(target=invoices, amount=amounts, issued_on=days, percent=st.sampled_from(["2", "10", "33.33"]))
    def issue_with_a_discount(self, amount: Decimal, issued_on: date, percent: str) -> int:
        terms, _ = PaymentTerms.objects.get_or_create(
            code=f"{percent}-20",
            defaults={
                "name": f"{percent} % in 20 days",
                "discount_percent": Decimal(percent),
                "discount_days": 20,
                "is_discount_pro_rata": percent == "10",
            },
        )
        line = NewLine("Hand planes", Decimal(1), amount)
        draft = draft_invoice(self.client, NewInvoice("GBP", issued_on, terms=terms), [line], actor="Fay")
        return issue_invoice(draft.pk, actor="Fay").pk

    @rule(target=receipts, invoice=invoices, after=st.integers(0, 35))
    def pay_what_a_discount_asks(self, invoice: int, after: int) -> Any:
        """In time, a little late, or much too late."""
        row = Invoice.objects.get(pk=invoice)
        offer = open_offer(row, row.issued_on)
        if offer is None:
            return multiple()
        return a_receipt(self.client, offer.pay, pays=row, on=row.issued_on + timedelta(days=after)).pk

    @rule(is_approved=st.booleans(), on=days)
    def decide_on_a_late_discount(self, is_approved: bool, on: date) -> None:
        for row in Discount.objects.filter(status="proposed"):
            refused(decide_discount, row.pk, actor=fay(), is_approved=is_approved, on=on)

    @rule(target=settlements, some=st.lists(invoices, min_size=1, max_size=3), share=st.integers(10, 95))
    def settle(self, some: list[int], share: int) -> Any:
        ids = sorted(set(some))
        owed = sum(Invoice.objects.filter(pk__in=ids).values_list("open_amount", flat=True), Decimal(0))
        amount = quantise(owed * share / 100, "GBP")
        new = NewSettlement(ids, amount, DAY + timedelta(days=40), "In trouble")
        try:
            return ask_settlement(self.client, new, actor="Fay", on=DAY).pk
        except LedgerError:
            return multiple()

    @rule(target=receipts, settlement=settlements, on=days)
    def pay_a_settlement(self, settlement: int, on: date) -> Any:
        row = Settlement.objects.get(pk=settlement)
        items = Invoice.objects.filter(settlement_items__settlement=row, open_amount__gt=0).order_by("pk")
        left, shares = left_to_pay(row), []
        for item in items:
            if part := min(left, item.open_amount):
                shares.append(Share(item.pk, part))
                left -= part
        if not shares:
            return multiple()
        total = sum((share.amount for share in shares), Decimal(0))
        return record_receipt(self.client, NewReceipt(total, "GBP", on), actor="Fay", shares=shares).pk

    @rule(settlement=settlements, is_lapsed=st.booleans())
    def end_a_settlement(self, settlement: int, is_lapsed: bool) -> None:
        if is_lapsed:
            lapse_settlement(settlement, on=DAY + timedelta(days=41))
        else:
            refused(withdraw_settlement, settlement, reason="They can pay")

    @rule(target=receipts, amount=amounts, on=days)
    def receive(self, amount: Decimal, on: date) -> int:
        return a_receipt(self.client, amount, on=on).pk

    @rule(target=allocations, receipt=receipts, invoice=invoices, amount=amounts, on=days)
    def allocate_some(self, receipt: int, invoice: int, amount: Decimal, on: date) -> Any:
        return self._allocate(receipt, invoice, amount, on)

    @rule(target=allocations, receipt=receipts, invoice=invoices, on=days)
    def allocate_all_that_fits(self, receipt: int, invoice: int, on: date) -> Any:
        left = Receipt.objects.get(pk=receipt).unapplied_amount
        return self._allocate(receipt, invoice, min(left, Invoice.objects.get(pk=invoice).open_amount), on)

    def _allocate(self, receipt: int, invoice: int, amount: Decimal, on: date) -> Any:
        try:
            return allocate(receipt, [Share(invoice, amount)], actor="Fay", on=on)[0].pk
        except LedgerError:
            return multiple()

    @rule(allocation=allocations, on=days)
    def undo(self, allocation: int, on: date) -> None:
        refused(undo_allocation, allocation, on=on)

    @rule(receipt=receipts, on=days)
    def reverse(self, receipt: int, on: date) -> None:
        refused(reverse_receipt, receipt, reason="bounced", on=on)

    @rule(invoice=invoices, on=days)
    def void(self, invoice: int, on: date) -> None:
        refused(void_invoice, invoice, reason="wrong client", on=on)

    @rule(target=credit_notes, invoice=invoices, amount=amounts, is_whole=st.booleans(), on=days)
    def credit(self, invoice: int, amount: Decimal, is_whole: bool, on: date) -> Any:
        what = Whole() if is_whole else ByAmount(amount)
        return refused(issue_credit_note, invoice, what=what, reason="Returned", on=on)

    @rule(target=allocations, note=credit_notes, invoice=invoices, amount=amounts, on=days)
    def allocate_credit_note(self, note: int, invoice: int, amount: Decimal, on: date) -> Any:
        left = CreditNote.objects.get(pk=note).unapplied_amount
        shares = [Share(invoice, min(amount, left, Invoice.objects.get(pk=invoice).open_amount))]
        return refused(allocate_credit, note, shares=shares, on=on)

    @rule(target=losses, invoice=invoices, amount=amounts, on=days)
    def write_off(self, invoice: int, amount: Decimal, on: date) -> Any:
        amount = min(amount, Invoice.objects.get(pk=invoice).open_amount)
        return refused(ask_write_off, invoice, new=NewWriteOff(amount), on=on)

    @rule(loss=losses, on=days)
    def find_that_it_was_no_loss(self, loss: int, on: date) -> None:
        refused(reverse_write_off, loss, reason="They answered", on=on)

    @rule(target=allocations, loss=losses, receipt=receipts, on=days)
    def recover_some(self, loss: int, receipt: int, on: date) -> Any:
        found = WriteOff.objects.get(pk=loss)
        amount = min(found.unrecovered_amount, Receipt.objects.get(pk=receipt).unapplied_amount)
        return refused(recover, found.invoice_id, receipt_id=receipt, amount=amount, on=on)

    @rule(receipt=receipts, amount=amounts, on=days)
    def refund(self, receipt: int, amount: Decimal, on: date) -> None:
        refused(refund_receipt, receipt, new=NewRefund(amount, "Paid twice"), on=on)

    @rule(note=credit_notes, amount=amounts, on=days)
    def pay_out(self, note: int, amount: Decimal, on: date) -> None:
        refused(refund_credit_note, note, new=NewRefund(amount, "Asked for it"), on=on)

    @invariant()
    def nothing_differs_from_the_entries(self) -> None:
        assert [str(found) for found in ledger_differences()] == []

    @invariant()
    def stored_amounts_stay_within_their_documents(self) -> None:
        for total, open_amount in Invoice.objects.values_list("total_amount", "open_amount"):
            assert 0 <= open_amount <= total
        for amount, unapplied in Receipt.objects.values_list("amount", "unapplied_amount"):
            assert 0 <= unapplied <= amount
        for total, unapplied in CreditNote.objects.values_list("total_amount", "unapplied_amount"):
            assert 0 <= unapplied <= total

    @invariant()
    def ageing_is_the_sum_of_what_is_open(self) -> None:
        open_amount = sum(Invoice.objects.values_list("open_amount", flat=True), Decimal(0))
        on_account = sum(Receipt.objects.values_list("unapplied_amount", flat=True), Decimal(0))
        on_account += sum(CreditNote.objects.values_list("unapplied_amount", flat=True), Decimal(0))
        aged = aged_balances(LAST)[0].get("GBP")
        assert (aged.open_amount if aged else 0, aged.credit if aged else 0) == (open_amount, on_account)

    def teardown(self) -> None:
        no_day_ever_showed_nonsense()
        forget()


def refused(service: Any, pk: int, **given: Any) -> Any:
    """What the service made, as a key (of the first of several); nothing when it refused."""
    try:
        made = service(pk, **{"actor": "Fay", **given})
    except LedgerError:
        return multiple()
    return (made[0] if isinstance(made, list) else made).pk


def no_day_ever_showed_nonsense() -> None:
    """As of any day no invoice owes less than nothing or more than its total, and no credit is overspent."""
    for model, total in ((Invoice, "total_amount"), (Receipt, "amount"), (CreditNote, "total_amount")):
        document = model.__name__
        for row in model.objects.all():
            entries = row.entries.filter(invoice__isnull=model is not Invoice).order_by("booked_on")
            sign, so_far, by_day = (1 if model is Invoice else -1), Decimal(0), {}
            for booked_on, amount in entries.values_list("booked_on", "amount"):
                so_far += sign * amount
                by_day[booked_on] = so_far
            assert all(0 <= amount <= getattr(row, total) for amount in by_day.values()), (document, by_day)


def forget() -> None:
    Allocation.objects.filter(reverses__isnull=False)._raw_delete("default")
    first = (
        "Entry",
        "AuditEvent",
        "Discount",
        "SettlementItem",
        "Settlement",
        "Allocation",
        "Refund",
        "WriteOff",
        "CreditNoteLine",
        "CreditNote",
    )
    for model in (Client._meta.apps.get_model("invoices", name) for name in first):
        model.objects.all()._raw_delete("default")
    Receipt.objects.all()._raw_delete("default")
    Invoice._meta.apps.get_model("invoices", "InvoiceLine").objects.all()._raw_delete("default")
    Invoice.objects.all()._raw_delete("default")


@pytest.mark.django_db
def test_any_order_of_bookings_leaves_the_books_right():
    run_state_machine_as_test(
        Books,
        settings=hypothesis_settings(hypothesis_settings(), max_examples=15, stateful_step_count=15, phases=PHASES),
    )


@pytest.mark.django_db
def test_thirty_pence_on_account_can_be_allocated_in_two_parts():
    client = a_client()
    receipt = a_receipt(client, "0.30")
    for part in ("0.10", "0.20"):
        allocate(receipt.pk, [Share(an_invoice(client, amount=part).pk, Decimal(part))], actor="Fay")
    receipt.refresh_from_db()
    assert receipt.unapplied_amount == 0


@pytest.mark.django_db
def test_invoice_paid_anew_is_not_paid_before_it_was_opened_again():
    client = a_client()
    invoice = an_invoice(client, due_on=DAY)
    first = a_receipt(client, "100.00", pays=invoice, on=DAY)
    undo_allocation(first.allocations.get().pk, actor="Fay", on=DAY + timedelta(days=9))
    a_receipt(client, "100.00", pays=invoice, on=DAY + timedelta(days=3))
    assert aged_balances(DAY + timedelta(days=3))[0]["GBP"].open_amount == 0
    no_day_ever_showed_nonsense()


@pytest.mark.django_db
def test_thirty_pence_can_be_paid_in_two_parts():
    """0.30 - 0.10 is 0.19999999999999998 in floating point, which SQLite computes in."""
    client = a_client()
    invoice = an_invoice(client, amount="0.30")
    for part in ("0.10", "0.20"):
        a_receipt(client, part, pays=invoice)
    invoice.refresh_from_db()
    assert invoice.open_amount == 0
    assert invoice.closed_on is not None
