"""Two clerks at once, booking by chance on the same clients: whatever meets whatever, the books stay right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from invoices.models import Allocation, CreditNote, Invoice, Receipt
from invoices.queries.ageing import aged_balances
from invoices.queries.ledger import ledger_differences
from invoices.services import ledger
from tests.builders import a_client, an_organisation
from tests.concurrency.test_races import at_once
from tests.invoices.bookings import Clerk

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
DAY = date(2026, 3, 2)
BOOKINGS = 60


@pytest.fixture
def clients():
    an_organisation(currency="GBP", country="GB", settlement_percent=100)
    payer = a_client(country="GB", late_charge_rule="uk-1998")
    return [payer, a_client(payer=payer), a_client()]


def book_at_once(clients, seed):
    clerks = [Clerk(clients, seed * 2 + n, DAY) for n in range(2)]

    def work(clerk):
        for _ in range(BOOKINGS):
            clerk.book()

    raised = at_once(*(lambda clerk=clerk: work(clerk) for clerk in clerks))
    return clerks, raised


def sum_of(model, column):
    return sum(model.objects.values_list(column, flat=True), Decimal(0))


@pytest.mark.parametrize("seed", range(3))
def test_two_clerks_at_once_leave_the_books_right(clients, seed):
    clerks, raised = book_at_once(clients, seed)
    assert raised == []  # refusals only: no deadlock, no constraint that had to save us
    assert [str(found) for found in ledger_differences()] == []
    aged = aged_balances(DAY.replace(month=12))[0]["GBP"]
    on_account = sum_of(Receipt, "unapplied_amount") + sum_of(CreditNote, "unapplied_amount")
    assert (aged.open_amount, aged.credit) == (sum_of(Invoice, "open_amount"), on_account)
    undone = Allocation.objects.filter(reverses__isnull=False).values_list("reverses", flat=True)
    assert len(undone) == len(set(undone))
    assert min(clerk.done for clerk in clerks) > BOOKINGS / 4


def test_without_the_lock_the_same_clerks_get_in_each_others_way(clients, monkeypatch):
    """The control: with the clients' locks gone something shows, so that the test above can see it."""
    monkeypatch.setattr(ledger.Client.objects.__class__, "select_for_update", lambda self, **given: self.all())
    for seed in range(6):
        _, raised = book_at_once(clients, seed)
        if raised or list(ledger_differences()):
            return
    pytest.fail("Nothing went wrong without locks: the bookings never met.")
