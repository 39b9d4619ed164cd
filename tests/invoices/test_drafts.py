"""Drafts: what they may say, copies of invoices, and drafts that nobody wants."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from invoices.errors import InvalidAmount, LedgerError, NotDraft
from invoices.models import Client, Invoice, InvoiceKind, InvoiceStatus
from invoices.services.drafts import discard_draft, duplicate_invoice, restore_draft
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice, record_issued_invoice
from tests.builders import acme, an_invoice

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)


@pytest.fixture
def client() -> Client:
    return acme(country="GB")


def line(category: str = "S", rate: int = 20, **more: object) -> NewLine:
    return NewLine("Planes", Decimal(3), Decimal(50), Decimal(rate), tax_category=category, **more)


def a_draft(client: Client, *lines: NewLine, **head: object) -> Invoice:
    return draft_invoice(client, NewInvoice("GBP", DAY, **head), lines or [line()], actor="Fay")


@pytest.mark.parametrize("category", ["Z", "E", "AE", "K", "G", "O"])
def test_category_without_tax_takes_no_rate(client: Client, category: str) -> None:
    with pytest.raises(InvalidAmount, match="carries no tax: its rate is 0, not 20 %"):
        a_draft(client, line(category, 20))
    assert a_draft(client, line(category, 0)).tax_amount == 0


def test_not_subject_to_tax_stands_alone(client: Client) -> None:
    with pytest.raises(InvalidAmount, match="cannot stand beside other tax categories"):
        a_draft(client, line(), line("O", 0))


@pytest.mark.parametrize("category", ["AE", "K"])
def test_client_who_owes_the_tax_needs_a_tax_number_at_issue(client: Client, category: str) -> None:
    draft = a_draft(client, line(category, 0))
    with pytest.raises(LedgerError, match="has to show Acme Ltd's tax number"):
        issue_invoice(draft.pk, actor="Fay")
    Client.objects.update(tax_number="DE123456789")
    assert issue_invoice(draft.pk, actor="Fay").number


def test_allowance_lowers_net_and_tax_of_its_rate(client: Client) -> None:
    allowance = NewLine(
        "Loyalty", Decimal(1), Decimal(150), Decimal(20), discount_percent=Decimal(10), kind="allowance"
    )
    draft = a_draft(client, line(), allowance)
    assert (draft.net_amount, draft.tax_amount, draft.total_amount) == (135, 27, 162)
    assert draft.lines.last().net_amount == -15


def test_copy_is_a_draft_of_today_with_the_same_lines_and_references(client: Client) -> None:
    head = {"reference": "PO 1", "buyer_reference": "Ann Lee", "project": "Attic", "text": "Thanks"}
    source = issue_invoice(a_draft(client, line(unit="pieces"), line("Z", 0), **head).pk, actor="Fay")
    copy = duplicate_invoice(source.pk, actor="Fay", on=date(2026, 5, 1))
    assert (copy.status, copy.number, copy.issued_on, copy.open_amount) == ("draft", None, date(2026, 5, 1), 0)
    assert {name: getattr(copy, name) for name in head} == head
    names = ("description", "unit", "quantity", "unit_price", "tax_category", "tax_rate", "net_amount")
    assert list(copy.lines.values_list(*names)) == list(source.lines.values_list(*names))


@pytest.mark.parametrize("status", [InvoiceStatus.DRAFT, InvoiceStatus.VOID])
def test_drafts_and_void_invoices_are_copied_too(client: Client, status: str) -> None:
    source = a_draft(client)
    Invoice.objects.filter(pk=source.pk).update(status=status)
    assert duplicate_invoice(source.pk, actor="Fay").pk != source.pk


def test_copy_changes_nothing_of_its_source(client: Client) -> None:
    source = an_invoice(client)
    before = Invoice.objects.filter(pk=source.pk).values().get()
    duplicate_invoice(source.pk, actor="Fay")
    assert Invoice.objects.filter(pk=source.pk).values().get() == before


def test_invoice_taken_over_without_lines_cannot_be_copied(client: Client) -> None:
    taken = record_issued_invoice(client, "A-1", NewInvoice("GBP", DAY), Decimal(100), actor="Fay")
    with pytest.raises(LedgerError, match="without its lines"):
        duplicate_invoice(taken.pk, actor="Fay")


def test_late_charge_cannot_be_copied(client: Client) -> None:
    source = an_invoice(client)
    Invoice.objects.filter(pk=source.pk).update(kind=InvoiceKind.CHARGE)
    with pytest.raises(LedgerError, match="computed, not copied"):
        duplicate_invoice(source.pk, actor="Fay")


def test_discarded_draft_comes_back(client: Client) -> None:
    draft = a_draft(client)
    assert discard_draft(draft.pk, actor="Fay").status == InvoiceStatus.VOID
    assert restore_draft(draft.pk, actor="Fay").status == InvoiceStatus.DRAFT


def test_issued_invoice_is_neither_discarded_nor_restored(client: Client) -> None:
    invoice = an_invoice(client)
    for act in (discard_draft, restore_draft):
        with pytest.raises(NotDraft):
            act(invoice.pk, actor="Fay")


def test_voided_invoice_with_a_number_does_not_become_a_draft(client: Client) -> None:
    invoice = an_invoice(client)
    Invoice.objects.filter(pk=invoice.pk).update(status=InvoiceStatus.VOID, open_amount=0)
    with pytest.raises(NotDraft, match="is void"):
        restore_draft(invoice.pk, actor="Fay")
