"""Invoices in parts: written at issue, paid oldest first, and the books know which part is due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from invoices.errors import TermsDoNotFit
from invoices.models import Client, Invoice, InvoicePart, NumberSeries, PaymentTerms
from invoices.queries.ledger import ledger_differences
from invoices.queries.schedules import schedule_of
from invoices.rules.instalments import Part, Share
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice, void_invoice
from invoices.services.reversals import reverse_receipt
from invoices.services.terms import change_terms, create_terms
from tests.builders import a_receipt, an_invoice, an_organisation, slowco

pytestmark = pytest.mark.django_db

# 100.00 of 1 March 2026: 30.00 on 11 March, 30.00 on 10 April, 40.00 on 10 May, which is a Sunday.
THIRDS = (
    Part(Share.PERCENT_OF_TOTAL, D(30), days=10),
    Part(Share.FIXED, D(30), days=40),
    Part(Share.REMAINDER, days=70),
)


@pytest.fixture
def client() -> Client:
    an_organisation()
    return slowco(country="GB", region="ENG")


@pytest.fixture
def thirds() -> PaymentTerms:
    return create_terms({"code": "thirds", "name": "In three parts"}, parts=THIRDS, actor="Fay")


def an_invoice_in_parts(client: Client, terms: PaymentTerms, amount: str = "100.00", due_on: date | None = None):
    new = NewInvoice("GBP", date(2026, 3, 1), due_on, terms=terms)
    draft = draft_invoice(client, new, [NewLine("Hand planes", D(1), D(amount))], actor="Fay")
    return issue_invoice(draft.pk, actor="Fay")


def standing(invoice: Invoice) -> tuple[int, str, int]:
    invoice.refresh_from_db()
    return invoice.current_part, invoice.due_on.isoformat(), invoice.cycle


def test_parts_are_fixed_at_issue(client, thirds):
    invoice = an_invoice_in_parts(client, thirds)
    rows = InvoicePart.objects.filter(invoice=invoice).values_list("position", "due_on", "amount")
    assert list(rows) == [
        (1, date(2026, 3, 11), D(30)),
        (2, date(2026, 4, 10), D(30)),
        (3, date(2026, 5, 10), D(40)),
    ]
    assert standing(invoice) == (1, "2026-03-11", 1)


def test_changed_terms_leave_issued_parts_alone(client, thirds):
    invoice = an_invoice_in_parts(client, thirds)
    change_terms(thirds.pk, {}, parts=(Part(Share.REMAINDER, days=5),), actor="Fay")
    assert [part.due_on.day for part in schedule_of(invoice).parts] == [11, 10, 10]


def test_each_payment_moves_to_the_oldest_part_that_is_not_paid(client, thirds):
    invoice = an_invoice_in_parts(client, thirds)
    a_receipt(client, "29.99", pays=invoice)
    assert standing(invoice) == (1, "2026-03-11", 1)
    a_receipt(client, "0.01", pays=Invoice.objects.get(pk=invoice.pk))
    assert standing(invoice) == (2, "2026-04-10", 2)
    a_receipt(client, "45", pays=Invoice.objects.get(pk=invoice.pk))
    assert standing(invoice) == (3, "2026-05-10", 3)
    a_receipt(client, "25", pays=Invoice.objects.get(pk=invoice.pk))
    assert standing(invoice) == (3, "2026-05-10", 3)
    assert list(ledger_differences()) == []


def test_voided_invoice_in_parts_leaves_the_books_right(client, thirds):
    invoice = an_invoice_in_parts(client, thirds)
    void_invoice(invoice.pk, reason="Wrong client", actor="Fay", on=date(2026, 3, 2))
    assert list(ledger_differences()) == []


def test_typed_due_date_holds_for_all_of_it(client, thirds):
    invoice = an_invoice_in_parts(client, thirds, due_on=date(2026, 4, 1))
    assert standing(invoice) == (0, "2026-04-01", 1)
    assert not InvoicePart.objects.filter(invoice=invoice).exists()


def test_parts_move_to_business_days_of_the_client(client):
    terms = create_terms(
        {"code": "thirds", "name": "In parts", "convention": "modified_following"}, parts=THIRDS, actor="Fay"
    )
    plan = schedule_of(an_invoice_in_parts(client, terms))
    assert [part.due_on.isoformat() for part in plan.parts] == ["2026-03-11", "2026-04-10", "2026-05-11"]


def test_amount_that_the_parts_miss_is_refused_with_figures(client, thirds):
    with pytest.raises(TermsDoNotFit, match=r"A part of 30\.00 does not fit: 28\.00 of 40\.00 GBP is left"):
        an_invoice_in_parts(client, thirds, "40.00")


def test_terms_changed_before_issue_are_refused_at_issue_and_take_no_number(client, thirds):
    new = NewInvoice("GBP", date(2026, 3, 1), terms=thirds)
    draft = draft_invoice(client, new, [NewLine("Hand planes", D(1), D(100))], actor="Fay")
    change_terms(thirds.pk, {}, parts=(Part(Share.FIXED, D(500), days=10), Part(Share.REMAINDER)), actor="Fay")
    before = list(NumberSeries.objects.values_list("code", "next_value"))
    with pytest.raises(TermsDoNotFit, match="Choose other terms"):
        issue_invoice(draft.pk, actor="Fay")
    assert list(NumberSeries.objects.values_list("code", "next_value")) == before


def test_split_that_can_never_sum_is_refused_at_saving(thirds):
    with pytest.raises(TermsDoNotFit, match="has to be the last"):
        change_terms(thirds.pk, {}, parts=(Part(Share.FIXED, D(10)),), actor="Fay")
    assert thirds.parts.count() == 3


def test_reversed_payment_brings_the_part_back(client, thirds):
    invoice = an_invoice_in_parts(client, thirds)
    receipt = a_receipt(client, "100", pays=invoice, on=date(2026, 3, 20))
    assert standing(invoice) == (3, "2026-05-10", 3)
    reverse(receipt)
    assert standing(invoice) == (1, "2026-03-11", 1)


def reverse(receipt) -> None:
    reverse_receipt(receipt.pk, reason="Bounced", actor="Fay", on=date(2026, 3, 21))


@pytest.mark.parametrize("wrong", [{"current_part": 2}, {"due_on": date(2026, 3, 12)}, {"current_part": 0}])
def test_check_finds_a_wrong_part(client, thirds, wrong):
    invoice = an_invoice_in_parts(client, thirds)
    Invoice.objects.filter(pk=invoice.pk).update(**wrong)
    assert [one for one in ledger_differences() if "part" in str(one)]


def test_check_finds_parts_that_miss_the_total(client, thirds):
    invoice = an_invoice_in_parts(client, thirds)
    InvoicePart.objects.filter(invoice=invoice, position=3).update(amount=41)
    assert any("sum of its parts" in str(one) for one in ledger_differences())


def test_only_an_invoice_in_parts_costs_a_query_more(client, thirds):
    whole, in_parts = an_invoice(client), an_invoice_in_parts(client, thirds)
    with CaptureQueriesContext(connection) as plain:
        a_receipt(client, "10", pays=whole)
    with CaptureQueriesContext(connection) as parted:
        a_receipt(client, "10", pays=in_parts)
    assert len(parted) - len(plain) == 1
