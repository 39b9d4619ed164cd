"""Ageing of invoices in parts and of dates that were deferred since: each sum at the date on which it was due then."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from invoices.models import Client, Deferral, Invoice, PaymentTerms
from invoices.queries.aged import aged_clients, aged_currencies, aged_items
from invoices.queries.ageing import aged_balances
from invoices.queries.clients import balances_of, clients_with_figures
from invoices.queries.statements import account_statement
from invoices.rules.instalments import Part, Share
from invoices.rules.periods import Period
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from invoices.services.terms import create_terms
from reminders.queries.home import currency_figures, top_overdue
from tests.builders import a_receipt, acme, an_invoice, an_organisation, slowco

pytestmark = pytest.mark.django_db
JUNE = date(2026, 6, 1)


@pytest.fixture
def client() -> Client:
    an_organisation()
    return slowco()


@pytest.fixture
def thirds() -> PaymentTerms:
    parts = (
        Part(Share.PERCENT_OF_TOTAL, D(30), days=10),
        Part(Share.FIXED, D(30), days=40),
        Part(Share.REMAINDER, days=100),
    )
    return create_terms({"code": "thirds", "name": "In three parts"}, parts=parts, actor="Fay")


@pytest.fixture
def invoice(client: Client, thirds: PaymentTerms) -> Invoice:
    """30 on 11 March, 30 on 10 April, 40 on 9 June; 40 of it paid on 1 May."""
    new = NewInvoice("GBP", date(2026, 3, 1), terms=thirds)
    draft = draft_invoice(client, new, [NewLine("Hand planes", D(1), D(100))], actor="Fay")
    issued = issue_invoice(draft.pk, actor="Fay")
    a_receipt(client, "40", pays=issued, on=date(2026, 5, 1))
    return Invoice.objects.get(pk=issued.pk)


def sums(as_of: date) -> list[str]:
    _, clients = aged_balances(as_of)
    return [f"{bucket.amount.normalize():f}" for bucket in clients["SLOWCO", "GBP"].buckets.values()]


@pytest.mark.parametrize(
    ("as_of", "buckets"),
    [
        (date(2026, 3, 1), ["100", "0", "0", "0", "0"]),
        (date(2026, 3, 12), ["70", "30", "0", "0", "0"]),
        (date(2026, 4, 30), ["40", "30", "30", "0", "0"]),
        (date(2026, 5, 1), ["40", "20", "0", "0", "0"]),
        (JUNE, ["40", "0", "20", "0", "0"]),
        (date(2026, 6, 10), ["0", "40", "0", "20", "0"]),
    ],
)
def test_each_part_stands_in_its_own_bucket_on_any_day(invoice, as_of, buckets):
    assert sums(as_of) == buckets
    row = next(iter(aged_clients(as_of)))
    assert [f"{amount.normalize():f}" for amount in row.buckets] == buckets
    assert [f"{amount.normalize():f}" for amount in aged_currencies(as_of)[0].buckets] == buckets


def test_items_of_a_bucket_are_the_parts_in_it(invoice):
    rows = [(row.number, row.due_on, row.open_amount) for row in aged_items(JUNE, currency="GBP")]
    assert rows == [(invoice.number, date(2026, 4, 10), D(20)), (invoice.number, date(2026, 6, 9), D(40))]
    assert [row.open_amount for row in aged_items(JUNE, currency="GBP", bucket="31-60")] == [D(20)]


def test_other_invoices_stay_where_they_are(invoice, client):
    an_invoice(client, due_on=date(2026, 5, 20), amount="7.00")
    an_invoice(acme(), due_on=date(2026, 5, 20), amount="5.00")
    assert sums(JUNE) == ["40", "7", "20", "0", "0"]
    assert aged_balances(JUNE)[0]["GBP"].open_amount == D("72.00")


def test_balance_of_a_client_is_by_part(invoice, client, django_assert_num_queries):
    items = [invoice, an_invoice(client, due_on=date(2026, 5, 20), amount="7.00")]
    with django_assert_num_queries(1):
        balance = balances_of(items, {}, JUNE)["GBP"]
    assert [f"{b.amount.normalize():f}" for b in balance.buckets.values()] == ["40", "7", "20", "0", "0"]
    assert balance.overdue_amount == D(27)


def test_day_before_a_deferral_has_the_old_date(client):
    moved = an_invoice(client, due_on=date(2026, 3, 1), amount="50.00")
    dates = [(date(2026, 3, 1), date(2026, 4, 1), date(2026, 3, 5)), (date(2026, 4, 1), date(2026, 7, 1), JUNE)]
    for old, new, agreed in dates:
        Deferral.objects.create(invoice=moved, old_due_on=old, new_due_on=new, reason="Asked", agreed_on=agreed)
    Invoice.objects.filter(pk=moved.pk).update(due_on=date(2026, 7, 1), original_due_on=date(2026, 3, 1))
    assert sums(date(2026, 3, 4)) == ["0", "50", "0", "0", "0"]  # as printed
    assert sums(date(2026, 3, 5)) == ["50", "0", "0", "0", "0"]  # deferred to 1 April
    assert sums(date(2026, 5, 31)) == ["0", "0", "50", "0", "0"]
    assert sums(JUNE) == ["50", "0", "0", "0", "0"]  # deferred to 1 July


def test_list_of_clients_leaves_out_what_is_not_due_yet(invoice, client):
    an_invoice(client, due_on=date(2026, 5, 20), amount="7.00")
    (row,) = clients_with_figures(JUNE)
    assert (row.overdue_amount, row.owed_amount) == (D(27), D(67))


def test_home_puts_each_part_in_its_own_bucket(invoice, client):
    an_invoice(client, due_on=date(2026, 5, 20), amount="7.00")
    (figures,) = currency_figures(JUNE)
    assert [f"{amount.normalize():f}" for amount in figures.buckets] == ["40", "7", "20", "0", "0"]
    (top,) = top_overdue(JUNE, "GBP")
    assert (top.overdue_amount, top.oldest_due_on) == (D(27), date(2026, 4, 10))


def test_statement_lists_and_ages_each_part(invoice, client):
    period = Period(date(2026, 5, 1), date(2026, 6, 1))
    (currency,) = account_statement(client, period).currencies
    assert [(item.due_on, item.total_amount, item.open_amount) for item in currency.open_items] == [
        (date(2026, 4, 10), D(30), D(20)),
        (date(2026, 6, 9), D(40), D(40)),
    ]


def test_statement_of_a_past_day_has_the_date_that_was_agreed_then(client):
    moved = an_invoice(client, due_on=date(2026, 3, 1), amount="50.00")
    dates = {"old_due_on": date(2026, 3, 1), "new_due_on": date(2026, 7, 1)}
    Deferral.objects.create(invoice=moved, **dates, reason="Asked", agreed_on=JUNE)
    Invoice.objects.filter(pk=moved.pk).update(due_on=date(2026, 7, 1), original_due_on=date(2026, 3, 1))
    for last_on, due_on in [(date(2026, 5, 31), date(2026, 3, 1)), (JUNE, date(2026, 7, 1))]:
        (currency,) = account_statement(client, Period(date(2026, 5, 1), last_on)).currencies
        assert [item.due_on for item in currency.open_items] == [due_on]
