"""Credit notes from issue to allocation, told in the words of the trade."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import localdate

from invoices.errors import ExceedsOpen, LedgerError, NotIssued, PeriodLocked
from invoices.models import AuditEvent, Client, CreditNote, Invoice
from invoices.queries.ageing import aged_balances
from invoices.queries.ledger import ledger_differences
from invoices.rules.allocation import Share
from invoices.rules.crediting import ByAmount, ByLine, What, Whole
from invoices.services.credit_notes import allocate_credit, issue_credit_note
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice, void_invoice
from invoices.services.receipts import undo_allocation
from tests.builders import a_receipt, an_invoice, an_organisation, slowco

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    an_organisation()
    return slowco()


@pytest.fixture(autouse=True)
def books_agree(db: None):
    yield
    assert [str(found) for found in ledger_differences()] == []


def a_taxed_invoice(client: Client) -> Invoice:
    """100.00 at 20 % and 50.00 at 5 %: 172.50."""
    today = localdate()
    lines = [
        NewLine("Planes", Decimal(2), Decimal(50), tax_rate=Decimal(20)),
        NewLine("Books", Decimal(5), Decimal(10), tax_rate=Decimal(5)),
    ]
    new = NewInvoice("GBP", today - timedelta(days=40), today - timedelta(days=10))
    return issue_invoice(draft_invoice(client, new, lines, actor="Fay").pk, actor="Fay")


def a_credit_note(invoice: Invoice, what: What | None = None) -> CreditNote:
    note = issue_credit_note(invoice.pk, what=what or Whole(), reason="Goods returned", actor="Fay")
    invoice.refresh_from_db()
    return note


def test_invoice_credited_in_whole_is_closed(client):
    invoice = a_taxed_invoice(client)
    note = a_credit_note(invoice)
    assert (invoice.open_amount, invoice.closed_on, note.unapplied_amount) == (0, localdate(), 0)
    assert (note.net_amount, note.tax_amount) == (Decimal(150), Decimal("22.50"))


def test_credit_notes_are_numbered_without_gaps(client):
    invoice = a_taxed_invoice(client)
    a_credit_note(invoice, ByAmount(Decimal(10)))
    with pytest.raises(ExceedsOpen):
        issue_credit_note(invoice.pk, what=ByAmount(Decimal(999)), reason="Typo", actor="Fay")
    a_credit_note(invoice, ByAmount(Decimal(10)))
    assert list(CreditNote.objects.order_by("pk").values_list("number", flat=True)) == ["CN-00001", "CN-00002"]


def test_part_of_a_line_is_credited_with_its_tax(client):
    invoice = a_taxed_invoice(client)
    note = a_credit_note(invoice, ByLine({invoice.lines.get(position=2).pk: Decimal(20)}))
    assert (note.total_amount, invoice.open_amount) == (Decimal(21), Decimal("151.50"))


def test_what_was_paid_already_goes_on_account(client):
    invoice = a_taxed_invoice(client)
    a_receipt(client, "150.00", pays=invoice)
    note = a_credit_note(invoice, ByAmount(Decimal(100)))
    assert (invoice.open_amount, note.unapplied_amount) == (0, Decimal("77.50"))


def test_invoice_is_never_credited_above_its_total(client):
    invoice = a_taxed_invoice(client)
    a_credit_note(invoice, ByAmount(Decimal(100)))
    with pytest.raises(ExceedsOpen, match=r"72.50 GBP left to credit; 72.51 is too much"):
        issue_credit_note(invoice.pk, what=ByAmount(Decimal("72.51")), reason="More", actor="Fay")


def test_invoice_from_another_program_is_credited_by_amount_and_in_whole(client):
    invoice = an_invoice(client, amount="90.00")
    Invoice.objects.get(pk=invoice.pk).lines.all().delete()
    a_credit_note(invoice, ByAmount(Decimal(40)))
    assert a_credit_note(invoice).total_amount == Decimal(50)


def test_credit_on_account_pays_another_invoice(client):
    paid, other = an_invoice(client), an_invoice(client, amount="30.00")
    a_receipt(client, "100.00", pays=paid)
    note = a_credit_note(paid)
    allocate_credit(note.pk, [Share(other.pk, Decimal(30))], actor="Fay")
    other.refresh_from_db()
    note.refresh_from_db()
    assert (other.open_amount, note.unapplied_amount) == (0, Decimal(70))


def test_allocation_of_a_credit_note_is_undone(client):
    paid, other = an_invoice(client), an_invoice(client, amount="30.00")
    a_receipt(client, "100.00", pays=paid)
    note = a_credit_note(paid)
    allocation = allocate_credit(note.pk, [Share(other.pk, Decimal(30))], actor="Fay")[0]
    undo_allocation(allocation.pk, actor="Fay")
    other.refresh_from_db()
    note.refresh_from_db()
    assert (other.open_amount, note.unapplied_amount) == (Decimal(30), Decimal(100))


def test_credit_note_cannot_be_overspent(client):
    paid, other = an_invoice(client), an_invoice(client, amount="300.00")
    a_receipt(client, "100.00", pays=paid)
    note = a_credit_note(paid)
    with pytest.raises(ExceedsOpen, match=r"Credit note CN-00001 has 100.00 GBP left"):
        allocate_credit(note.pk, [Share(other.pk, Decimal(101))], actor="Fay")


def test_draft_has_nothing_to_credit(client):
    draft = draft_invoice(client, NewInvoice("GBP", localdate()), [NewLine("A", Decimal(1), Decimal(5))], actor="Fay")
    with pytest.raises(NotIssued, match="is draft and owes nothing"):
        issue_credit_note(draft.pk, what=Whole(), reason="Wrong", actor="Fay")


def test_credited_invoice_is_not_voided_on_top(client):
    invoice = an_invoice(client)
    receipt = a_receipt(client, "100.00", pays=invoice)
    a_credit_note(invoice)
    undo_allocation(receipt.allocations.get().pk, actor="Fay")
    with pytest.raises(LedgerError, match="has a credit note"):
        void_invoice(invoice.pk, reason="Wrong", actor="Fay")


def test_credit_note_is_not_dated_in_a_closed_month(client):
    invoice = an_invoice(client)
    an_organisation(locked_through=localdate())
    with pytest.raises(PeriodLocked):
        issue_credit_note(invoice.pk, what=Whole(), reason="Returned", actor="Fay")


def test_credit_note_leaves_its_trace(client):
    a_credit_note(a_taxed_invoice(client), ByAmount(Decimal(10)))
    event = AuditEvent.objects.get(verb="credit_note_issued")
    assert event.text == "CN-00001 over 10.00 GBP issued on INV-00001: Goods returned"
    assert (event.before, event.after) == ({"open_amount": "172.50"}, {"open_amount": "162.50"})


def test_ageing_counts_a_credit_note_on_account_as_credit(client):
    paid = an_invoice(client)
    a_receipt(client, "100.00", pays=paid)
    a_credit_note(paid)
    an_invoice(client, amount="30.00")
    aged = aged_balances(localdate())[0]["GBP"]
    assert (aged.open_amount, aged.credit) == (Decimal(30), Decimal(100))


def test_ageing_of_yesterday_does_not_know_todays_credit_note(client):
    invoice = an_invoice(client)
    a_credit_note(invoice)
    yesterday = localdate() - timedelta(days=1)
    assert aged_balances(yesterday)[0]["GBP"].open_amount == Decimal(100)


def test_client_is_looked_at_again_after_a_credit_note(client):
    invoice = an_invoice(client)
    Client.objects.update(review_on=None)
    a_credit_note(invoice, ByAmount(Decimal(5)))
    client.refresh_from_db()
    assert client.review_on == localdate()
