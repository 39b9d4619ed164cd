"""Damage done behind the product's back is found and named."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.core.management import CommandError, call_command

from invoices.models import (
    Allocation,
    Client,
    CreditNote,
    CreditNoteLine,
    Entry,
    EntryKind,
    Invoice,
    Receipt,
    WriteOff,
)
from invoices.rules.crediting import Whole
from invoices.services.credit_notes import issue_credit_note
from invoices.services.write_offs import NewWriteOff, ask_write_off
from tests.builders import a_client, a_receipt, an_invoice, an_organisation

pytestmark = pytest.mark.django_db
CENT = Decimal("0.01")


class Books(NamedTuple):
    client: Client
    invoice: Invoice  # 100.00, of which 40.00 are paid
    other: Invoice
    receipt: Receipt  # 60.00, of which 20.00 are on account
    stranger: Client
    note: CreditNote  # 100.00 of an invoice that was paid with 30.00, which are on account
    loss: WriteOff  # 5.00 of `other`


@pytest.fixture
def books() -> Books:
    an_organisation(currency="GBP")
    client = a_client("SLOWCO")
    invoice, other = an_invoice(client), an_invoice(client)
    receipt = a_receipt(client, "40.00", pays=invoice)
    a_receipt(client, "20.00")
    credited = an_invoice(client)
    a_receipt(client, "30.00", pays=credited)
    note = issue_credit_note(credited.pk, what=Whole(), reason="Returned", actor="Fay")
    loss = ask_write_off(other.pk, NewWriteOff(Decimal(5)), actor="Fay")
    return Books(client, invoice, other, receipt, a_client("ACME"), note, loss)


def entries(kind: EntryKind, **where: object):
    return Entry.objects.filter(kind=kind, **where)


def issued_twice(b: Books) -> None:
    """As a second movement of another kind: the constraint lets no second issue through."""
    row = entries(EntryKind.ISSUED, invoice=b.invoice).get()
    row.pk, row.kind = None, EntryKind.UNALLOCATED
    row.save(force_insert=True)


DAMAGE: list[tuple[str, Callable[[Books], object], str]] = [
    (
        "open amount changed",
        lambda b: Invoice.objects.filter(pk=b.invoice.pk).update(open_amount=59),
        "open amount: stored 59.000, computed 60.00, difference -1.000",
    ),
    (
        "amount on account changed",
        lambda b: Receipt.objects.filter(pk=b.receipt.pk).update(unapplied_amount=5),
        "on account",
    ),
    (
        "entry changed by a cent",
        lambda b: entries(EntryKind.ALLOCATED, invoice=b.invoice).update(amount=CENT - 40),
        "0.01",
    ),
    ("entry deleted", lambda b: entries(EntryKind.ALLOCATED, invoice=None).delete(), "entries on account"),
    ("entry doubled", issued_twice, "outside 0 to total"),
    ("allocation changed", lambda b: Allocation.objects.update(amount=41), "entries on the invoice: stored 41"),
    ("allocation to another invoice", lambda b: Allocation.objects.update(invoice=b.other), "moves another document"),
    (
        "entry in another currency",
        lambda b: entries(EntryKind.ISSUED).update(currency="EUR"),
        "another client or currency",
    ),
    (
        "entry of another client",
        lambda b: entries(EntryKind.ISSUED).update(client=b.stranger),
        "another client or currency",
    ),
    ("issue entry lost", lambda b: entries(EntryKind.ISSUED, invoice=b.other).delete(), "has no issue entry"),
    (
        "receipt entry lost",
        lambda b: entries(EntryKind.RECEIVED, receipt=b.receipt).delete(),
        "no entry that brought it in",
    ),
    ("invoice total raised", lambda b: Invoice.objects.filter(pk=b.other.pk).update(total_amount=120), "stored 120"),
    ("receipt amount raised", lambda b: Receipt.objects.filter(pk=b.receipt.pk).update(amount=99), "stored 99"),
    (
        "void invoice whose entries owe",
        lambda b: Invoice.objects.filter(pk=b.other.pk).update(status="void", open_amount=0),
        "is void but its entries owe",
    ),
    (
        "open but closed",
        lambda b: Invoice.objects.filter(pk=b.other.pk).update(closed_on=date(2026, 1, 1)),
        "has a closing date",
    ),
    (
        "credit note's amount on account changed",
        lambda b: CreditNote.objects.update(unapplied_amount=31),
        "Credit note CN-00001, amount on account: stored 31.000, computed 30.00, difference 1.000",
    ),
    (
        "credit note raised",
        lambda b: CreditNote.objects.update(total_amount=101, net_amount=101),
        "Credit note CN-00001, total of its entries: stored 101.000, computed 100.000, difference 1.000",
    ),
    ("credit above the invoice", lambda b: CreditNote.objects.update(total_amount=101), "credited above its total"),
    ("credit line changed", lambda b: CreditNoteLine.objects.update(net_amount=99), "CN-00001, net of its lines"),
    (
        "credit entry lost",
        lambda b: entries(EntryKind.CREDITED, invoice__isnull=False).delete(),
        "CN-00001, total of its entries: stored 100.000, computed 30.000",
    ),
    ("credit to another client", lambda b: CreditNote.objects.update(client=b.stranger), "another client or currency"),
    (
        "write-off changed",
        lambda b: WriteOff.objects.update(amount=6),
        "on invoice INV-00002, entries: stored 6.000, computed 5.000, difference 1.000",
    ),
    ("recovery invented", lambda b: WriteOff.objects.update(recovered_amount=2), "recovered: stored 2"),
    ("refused but booked", lambda b: WriteOff.objects.update(status="refused"), "entries: stored 0"),
    ("tax changed", lambda b: Invoice.objects.filter(pk=b.other.pk).update(tax_amount=CENT), "total of net and tax"),
]


def check() -> str:
    """What the command prints; CommandError when anything differs."""
    out = io.StringIO()
    try:
        call_command("check_ledger", stdout=out)
    except CommandError:
        return out.getvalue()
    return "" if "agree" in out.getvalue() else out.getvalue()


def test_sound_books_agree(books):
    assert check() == ""


@pytest.mark.parametrize(("damage", "found"), [(d, f) for _, d, f in DAMAGE], ids=[name for name, _, _ in DAMAGE])
def test_damage_is_found_and_named(books, damage, found):
    damage(books)
    assert found in check()


def test_damage_fails_the_command(books):
    Invoice.objects.filter(pk=books.other.pk).update(closed_on=date.today() - timedelta(days=1))
    with pytest.raises(CommandError, match="1 places"):
        call_command("check_ledger", stdout=io.StringIO())
