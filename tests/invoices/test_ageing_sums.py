"""The sums of the database equal ageing every item by the rules, from the entries, on any day and either way round."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.models import Entry
from invoices.queries import open_on
from invoices.queries.aged import aged_clients, aged_currencies, aged_items
from invoices.queries.ageing import aged_balances, aged_totals
from invoices.rules.ageing import BUCKETS, AgedBalance, AgedItem, age
from tests.builders import a_client, a_receipt, an_invoice
from tests.invoices.test_past_ageing import DAYS, amounts, days, tell

pytestmark = pytest.mark.django_db

steps = st.tuples(st.integers(0, 1), st.sampled_from(["bill", "bill", "receive", "pay", "reverse"]), amounts, days)
WAYS = {"backward": False, "forward": True}


def by_the_rules(as_of: date) -> tuple[dict[str, AgedBalance], dict[tuple[str, str], AgedBalance]]:
    """Entry by entry, as the report is defined."""
    items: dict[int, Decimal] = defaultdict(Decimal)
    credit: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    facts = {}
    for entry in Entry.objects.filter(booked_on__lte=as_of).select_related("invoice", "client"):
        if entry.invoice is None:
            credit[entry.client.code, entry.currency] -= entry.amount
        else:
            items[entry.invoice_id] += entry.amount
            facts[entry.invoice_id] = (entry.client.code, entry.currency, entry.invoice.due_on)
    totals, clients = age((AgedItem(*facts[pk], amount) for pk, amount in items.items() if amount > 0), as_of)
    for (code, currency), amount in credit.items():
        if amount > 0:
            totals.setdefault(currency, AgedBalance()).credit += amount
            clients.setdefault((code, currency), AgedBalance()).credit += amount
    return totals, clients


@pytest.mark.parametrize("way", WAYS)
@given(st.lists(steps, max_size=14))
def test_sums_equal_the_rules_on_every_day(way, told):
    clients = [a_client(), a_client(currency="JPY")]
    for at, what, amount, on in told:
        tell(clients[at], what, amount if at == 0 else amount.quantize(Decimal(1)) + 1, on)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(open_on, "_is_nearer_to_the_first_entry", lambda day: WAYS[way])
        for on in DAYS:
            assert (aged_totals(on), aged_balances(on)) == (by_the_rules(on)[0], by_the_rules(on))
            pages = {one.currency: (list(one.counts), list(one.buckets), one.credit) for one in aged_currencies(on)}
            assert pages == {
                currency: ([b.buckets[n].items for n in BUCKETS], [b.buckets[n].amount for n in BUCKETS], b.credit)
                for currency, b in by_the_rules(on)[0].items()
            }


def test_nearer_end_of_the_ledger_is_read():
    client = a_client()
    an_invoice(client, issued_on=date(2026, 1, 1), due_on=date(2026, 1, 31))
    an_invoice(client, issued_on=date(2026, 12, 31), due_on=date(2026, 12, 31))
    asked = [date(2025, 1, 1), date(2026, 2, 1), date(2026, 11, 1), date(2027, 1, 1)]
    assert ["e.amount AS" in open_on.open_on(on)[0] and "UNION" not in open_on.open_on(on)[0] for on in asked] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("way", WAYS)
def test_search_narrows_both_ways(way, monkeypatch):
    monkeypatch.setattr(open_on, "_is_nearer_to_the_first_entry", lambda day: WAYS[way])
    one, other = a_client(), a_client()
    item = an_invoice(one, amount="100", issued_on=date(2026, 3, 1), due_on=date(2026, 3, 31))
    an_invoice(other, amount="70", issued_on=date(2026, 3, 1), due_on=date(2026, 3, 31))
    a_receipt(one, "30", pays=item, on=date(2026, 5, 2))
    on = date(2026, 5, 2)
    for day, left in ((on - timedelta(days=1), 100), (on, 70)):
        assert [(row.code, row.open_amount) for row in aged_clients(day, client_ids=[one.pk])] == [(one.code, left)]
        assert [row.open_amount for row in aged_items(day, currency="GBP", client_id=one.pk)] == [left]
    assert list(aged_clients(on, client_ids=[])) == []
