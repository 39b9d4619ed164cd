"""Bookings by chance: any of the ledger's services on any row there is. Refusals are fine, wrong books are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import Model

from invoices.errors import LedgerError
from invoices.models import Allocation, Charge, Client, CreditNote, Invoice, Receipt, Settlement, WriteOff
from invoices.queries.settlements import left_to_pay
from invoices.rules.allocation import Share
from invoices.rules.crediting import ByAmount, Whole
from invoices.rules.money import quantise
from invoices.services.charge_documents import issue_charge
from invoices.services.charges import draft_charges, waive_charge
from invoices.services.credit_notes import allocate_credit, issue_credit_note
from invoices.services.receipts import allocate, undo_allocation
from invoices.services.recoveries import recover
from invoices.services.refunds import NewRefund, refund_credit_note, refund_receipt
from invoices.services.reversals import reverse_receipt
from invoices.services.settlements import NewSettlement, ask_settlement, withdraw_settlement
from invoices.services.transfers import NewTransfer, move_receipt
from invoices.services.write_offs import NewWriteOff, ask_write_off, reverse_write_off
from tests.builders import a_receipt, an_invoice

WHO = "Fay"


class NothingThere(Exception):
    """No row to do it with yet."""


class Clerk:
    """Books by chance, the same for the same `seed`. `day` is the day of each booking, and may move on between them."""

    def __init__(self, clients: Sequence[Client], seed: int, day: date) -> None:
        self.clients, self.chance, self.day = clients, Random(seed), day
        self.done = self.refused = 0

    def book(self) -> None:
        """One booking. What is refused leaves nothing behind."""
        try:
            self.chance.choice(BOOKINGS)(self)
        except NothingThere:
            self.chance.choice([issue, receive])(self)
            self.done += 1
        except LedgerError:
            self.refused += 1
        else:
            self.done += 1

    def amount(self) -> Decimal:
        return Decimal(self.chance.randint(1, 30_000)) / 100

    def part_of(self, whole: Decimal) -> Decimal:
        """All of it, some of it, or now and then too much."""
        share = self.chance.choice([Decimal(1), Decimal("0.5"), Decimal("0.1"), Decimal("1.1")])
        return max(quantise(whole * share, "GBP"), Decimal("0.01"))

    def client(self) -> Client:
        return self.chance.choice(self.clients)

    def one_of(self, model: type[Model], **which: Any) -> Any:
        """A row by chance. Raises NothingThere."""
        keys = list(model._default_manager.filter(**which).order_by("pk").values_list("pk", flat=True))
        if not keys:
            raise NothingThere
        return model._default_manager.get(pk=self.chance.choice(keys))


def issue(clerk: Clerk) -> None:
    an_invoice(clerk.client(), amount=clerk.amount(), issued_on=clerk.day, due_on=clerk.day)


def receive(clerk: Clerk) -> None:
    a_receipt(clerk.client(), clerk.amount(), on=clerk.day)


def allocate_some(clerk: Clerk) -> None:
    receipt, invoice = clerk.one_of(Receipt, unapplied_amount__gt=0), clerk.one_of(Invoice, open_amount__gt=0)
    amount = clerk.part_of(min(receipt.unapplied_amount, invoice.open_amount))
    allocate(receipt.pk, [Share(invoice.pk, amount)], on=clerk.day, actor=WHO)


def undo(clerk: Clerk) -> None:
    undo_allocation(clerk.one_of(Allocation, amount__gt=0).pk, on=clerk.day, actor=WHO)


def reverse(clerk: Clerk) -> None:
    reverse_receipt(clerk.one_of(Receipt).pk, reason="other", on=clerk.day, actor=WHO)


def credit(clerk: Clerk) -> None:
    invoice = clerk.one_of(Invoice)
    what = clerk.chance.choice([Whole(), ByAmount(clerk.part_of(invoice.total_amount))])
    issue_credit_note(invoice.pk, what=what, reason="Goodwill", on=clerk.day, actor=WHO)


def allocate_note(clerk: Clerk) -> None:
    note, invoice = clerk.one_of(CreditNote, unapplied_amount__gt=0), clerk.one_of(Invoice, open_amount__gt=0)
    amount = clerk.part_of(min(note.unapplied_amount, invoice.open_amount))
    allocate_credit(note.pk, [Share(invoice.pk, amount)], on=clerk.day, actor=WHO)


def write_off(clerk: Clerk) -> None:
    invoice = clerk.one_of(Invoice, open_amount__gt=0)
    ask_write_off(invoice.pk, NewWriteOff(clerk.part_of(invoice.open_amount)), on=clerk.day, actor=WHO)


def find_no_loss(clerk: Clerk) -> None:
    reverse_write_off(clerk.one_of(WriteOff).pk, reason="Paid after all", on=clerk.day, actor=WHO)


def recover_some(clerk: Clerk) -> None:
    loss, receipt = clerk.one_of(WriteOff), clerk.one_of(Receipt, unapplied_amount__gt=0)
    amount = clerk.part_of(min(loss.unrecovered_amount, receipt.unapplied_amount))
    recover(loss.invoice_id, receipt_id=receipt.pk, amount=amount, on=clerk.day, actor=WHO)


def refund(clerk: Clerk) -> None:
    receipt = clerk.one_of(Receipt)
    new = NewRefund(clerk.part_of(receipt.unapplied_amount), "Asked for it")
    refund_receipt(receipt.pk, new, on=clerk.day, actor=WHO)


def refund_note(clerk: Clerk) -> None:
    note = clerk.one_of(CreditNote)
    new = NewRefund(clerk.part_of(note.unapplied_amount), "Asked for it")
    refund_credit_note(note.pk, new, on=clerk.day, actor=WHO)


def move(clerk: Clerk) -> None:
    receipt = clerk.one_of(Receipt, unapplied_amount__gt=0)
    new = NewTransfer(clerk.client().pk, clerk.part_of(receipt.unapplied_amount), "Theirs")
    move_receipt(receipt.pk, new, on=clerk.day, actor=WHO)


def charge(clerk: Clerk) -> None:
    draft_charges(clerk.day, actor=WHO)
    issue_charge(clerk.one_of(Charge, status="draft").pk, actor=WHO, on=clerk.day)


def waive(clerk: Clerk) -> None:
    waive_charge(clerk.one_of(Charge, status="issued").pk, reason="Goodwill", on=clerk.day, actor=WHO)


def settle(clerk: Clerk) -> None:
    invoice = clerk.one_of(Invoice, open_amount__gt=1)
    half = quantise(invoice.open_amount / 2, invoice.currency)
    new = NewSettlement((invoice.pk,), half, clerk.day + timedelta(days=9), "Agreed")
    ask_settlement(invoice.client, new, on=clerk.day, actor=WHO)


def pay_settlement(clerk: Clerk) -> None:
    settlement = clerk.one_of(Settlement, status="offered")
    item = settlement.items.get().invoice
    if not (amount := min(left_to_pay(settlement), item.open_amount)):
        raise NothingThere
    a_receipt(settlement.client, amount, pays=item, on=clerk.day)


def withdraw(clerk: Clerk) -> None:
    withdraw_settlement(clerk.one_of(Settlement).pk, reason="No answer", on=clerk.day, actor=WHO)


BOOKINGS: Sequence[Callable[[Clerk], None]] = (
    issue,
    issue,
    receive,
    receive,
    allocate_some,
    allocate_some,
    allocate_some,
    undo,
    reverse,
    credit,
    allocate_note,
    write_off,
    find_no_loss,
    recover_some,
    refund,
    refund_note,
    move,
    charge,
    waive,
    settle,
    pay_settlement,
    withdraw,
)
