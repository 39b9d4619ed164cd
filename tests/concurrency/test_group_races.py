"""Money of two clients at once: locks in one order, nothing allocated twice. The control takes them in the other."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.db import OperationalError

from invoices.models import Client, Invoice, Receipt
from invoices.queries.ledger import ledger_differences
from invoices.rules.allocation import Share
from invoices.services import receipts, transfers
from invoices.services.transfers import NewTransfer
from tests.builders import a_client, a_receipt, an_invoice, an_organisation
from tests.concurrency.test_races import at_once, meeting

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


class Pair(NamedTuple):
    """Two clients that pay for each other, each with 100.00 open and 100.00 on account."""

    one: Client
    other: Client
    of_one: Invoice
    of_other: Invoice


@pytest.fixture
def pair() -> Pair:
    an_organisation(currency="GBP")
    one, other = a_client("ONE"), a_client("OTHER")
    Client.objects.filter(pk=one.pk).update(payer=other)
    Client.objects.filter(pk=other.pk).update(payer=one)
    return Pair(one, other, an_invoice(one), an_invoice(other))


Jobs = list[tuple[Receipt, Invoice]]


@pytest.fixture
def jobs(pair: Pair) -> Jobs:
    """Each pays the other's invoice."""
    return [(a_receipt(pair.one, "100.00"), pair.of_other), (a_receipt(pair.other, "100.00"), pair.of_one)]


def cross(jobs: Jobs) -> list[Exception]:
    return at_once(
        *[
            lambda receipt=receipt, invoice=invoice: receipts.allocate(
                receipt.pk, [Share(invoice.pk, Decimal(100))], actor="Fay"
            )
            for receipt, invoice in jobs
        ]
    )


def lock_one_by_one(client_id: int, shares: Any) -> Client:
    """The control's: the source's client first, then the others, as each job comes to them."""
    client = receipts.lock_clients({client_id})[client_id]
    for owner in Invoice.objects.filter(pk__in=[s.invoice_id for s in shares]).values_list("client_id", flat=True):
        receipts.lock_clients({owner})
    return client


def test_two_that_pay_for_each_other_do_not_wait_for_each_other(jobs, monkeypatch):
    with meeting(monkeypatch, receipts, "lock_clients", 2):
        assert cross(jobs) == []
    assert set(Invoice.objects.values_list("open_amount", flat=True)) == {Decimal(0)}
    assert list(ledger_differences()) == []


def test_control_without_the_order_they_lock_each_other_out(jobs, monkeypatch):
    monkeypatch.setattr(receipts, "lock_with_owners", lock_one_by_one)
    with meeting(monkeypatch, receipts, "lock_clients", 2, patience=10):
        raised = cross(jobs)
    assert [type(exc) for exc in raised] == [OperationalError]
    assert "deadlock" in str(raised[0])


def test_payer_and_client_pay_one_invoice_once(pair, monkeypatch):
    jobs = [a_receipt(pair.one, "100.00"), a_receipt(pair.other, "100.00")]
    share = [Share(pair.of_one.pk, Decimal(100))]
    with meeting(monkeypatch, receipts, "_check_share", 2):
        raised = at_once(*[lambda r=r: receipts.allocate(r.pk, share, actor="Fay") for r in jobs])
    assert ["open" in str(exc) for exc in raised] == [True]
    assert sorted(Receipt.objects.values_list("unapplied_amount", flat=True)) == [Decimal(0), Decimal(100)]
    assert list(ledger_differences()) == []


def test_money_is_moved_or_allocated_but_not_both(pair, monkeypatch):
    receipt = a_receipt(pair.one, "100.00")
    raised = at_once(
        lambda: transfers.move_receipt(receipt.pk, NewTransfer(pair.other.pk, Decimal(100), "Theirs"), actor="Fay"),
        lambda: receipts.allocate(receipt.pk, [Share(pair.of_one.pk, Decimal(100))], actor="Fay"),
    )
    assert len(raised) == 1
    assert list(ledger_differences()) == []
