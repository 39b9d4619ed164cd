"""Money from two sides at once, on real locks: a discount is earned once, a settlement is paid by both halves."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils.timezone import localdate

from invoices.errors import LedgerError
from invoices.models import Client, Discount, Invoice, PaymentTerms, Receipt, Settlement
from invoices.queries.ledger import ledger_differences
from invoices.rules.allocation import Share
from invoices.services import discounts, settling
from invoices.services.discounts import decide_discount
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from invoices.services.receipts import allocate
from invoices.services.settlements import NewSettlement, ask_settlement
from tests.builders import a_receipt, an_invoice, an_organisation, fay, slowco
from tests.concurrency.test_correction_races import meeting_after, twice_at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def client() -> Client:
    an_organisation(currency="GBP", settlement_percent=30)
    return slowco()


def an_early_invoice(client: Client, issued_days_ago: int) -> Invoice:
    """1,000.00, of which 980.00 settle it within ten days."""
    terms = PaymentTerms.objects.create(
        code="2-10", name="2/10", days=30, discount_percent=Decimal(2), discount_days=10
    )
    new = NewInvoice("GBP", localdate() - timedelta(days=issued_days_ago), terms=terms)
    line = NewLine("Hand planes", Decimal(1), Decimal(1000))
    return issue_invoice(draft_invoice(client, new, [line], actor="Fay").pk, actor="Fay")


def allocate_both(shares: list[tuple[Receipt, Invoice, str]]) -> list[Exception]:
    """Each thread allocates one of the receipts."""
    jobs = iter(shares)

    def one() -> Any:
        receipt, invoice, amount = next(jobs)
        return allocate(receipt.pk, [Share(invoice.pk, Decimal(amount))], actor="Fay")

    return twice_at_once(one)


def test_two_receipts_at_once_earn_the_discount_once(client, monkeypatch):
    invoice = an_early_invoice(client, 5)
    receipts = [a_receipt(client, "490.00") for _ in range(2)]
    with meeting_after(monkeypatch, discounts, "paid_on"):
        assert allocate_both([(receipt, invoice, "490.00") for receipt in receipts]) == []
    invoice.refresh_from_db()
    assert (invoice.open_amount, Discount.objects.get().amount) == (0, Decimal(20))
    assert list(ledger_differences()) == []


def test_late_discount_approved_twice_at_once_is_granted_once(client, monkeypatch):
    invoice = an_early_invoice(client, 13)
    a_receipt(client, "980.00", pays=invoice)
    row, actor = Discount.objects.get(), fay()
    with meeting_after(monkeypatch, discounts, "user_or_none"):
        raised = twice_at_once(lambda: decide_discount(row.pk, is_approved=True, actor=actor))
    assert [isinstance(exc, LedgerError) for exc in raised] == [True]
    assert list(ledger_differences()) == []


@pytest.fixture
def halves(client: Client) -> list[tuple[Receipt, Invoice, str]]:
    """What settles two invoices of 500.00 by 800.00, in two receipts."""
    items = [an_invoice(client, amount="500.00") for _ in range(2)]
    until = localdate() + timedelta(days=5)
    ask_settlement(client, NewSettlement([i.pk for i in items], Decimal(800), until, "In trouble"), actor="Fay")
    return [(a_receipt(client, "400.00"), item, "400.00") for item in items]


def test_two_halves_of_a_settlement_at_once_settle_it(halves, monkeypatch):
    with meeting_after(monkeypatch, settling, "paid_towards"):
        assert allocate_both(halves) == []
    assert Settlement.objects.get().status == "paid"
    assert [Invoice.objects.get(pk=item.pk).open_amount for _, item, _ in halves] == [0, 0]
    assert list(ledger_differences()) == []


def test_control_without_locks_each_half_misses_the_other(halves, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    with meeting_after(monkeypatch, settling, "paid_towards"):
        assert allocate_both(halves) == []
    assert Settlement.objects.get().status == "offered"
