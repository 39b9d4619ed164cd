"""Ageing as of a past day equals what was shown on it, unless an entry was booked on that day or before since.

The rule: an entry counts from its `booked_on`, not from when it was written down. So what is booked today leaves every
past day as it was; a back-dated receipt changes the days from its own date on, and no day before; and a closed month
cannot be changed at all.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate
from hypothesis import given
from hypothesis import strategies as st

from invoices.errors import LedgerError
from invoices.models import Client, Invoice, Receipt
from invoices.queries.aged import aged_currencies
from invoices.queries.ageing import aged_balances
from invoices.rules.ageing import BUCKETS
from invoices.rules.allocation import Share
from invoices.services.issuing import void_invoice
from invoices.services.periods import close_month
from invoices.services.receipts import allocate
from invoices.services.reversals import reverse_receipt
from tests.builders import a_client, a_receipt, acme, an_invoice, an_organisation, fay
from tests.dashboard.ledger_world import browser_of

pytestmark = pytest.mark.django_db

START = date(2026, 3, 1)
DAYS = [START + timedelta(days=n) for n in range(0, 100, 9)]


def shown(on: date) -> dict[str, tuple[object, ...]]:
    """What the report says of a day, per currency."""
    totals, _ = aged_balances(on)
    return {c: (b.open_items, *(b.buckets[name].amount for name in BUCKETS), b.credit) for c, b in totals.items()}


@pytest.fixture
def books() -> Client:
    """100.00 due on 1 April, 60.00 due on 1 May; 30.00 received on 10 April for the first."""
    client = acme()
    first = an_invoice(client, amount="100", issued_on=START, due_on=date(2026, 4, 1))
    an_invoice(client, amount="60", issued_on=date(2026, 4, 1), due_on=date(2026, 5, 1))
    a_receipt(client, "30", pays=first, on=date(2026, 4, 10))
    return client


def test_what_is_booked_today_leaves_every_past_day_as_it_was(books):
    before = {on: shown(on) for on in DAYS}
    first, second = Invoice.objects.order_by("pk")
    a_receipt(books, "70", pays=first)
    void_invoice(second.pk, reason="wrong client", actor="Fay")
    reverse_receipt(Receipt.objects.order_by("pk")[0].pk, reason="bounced", actor="Fay")
    assert {on: shown(on) for on in DAYS} == before


def test_backdated_receipt_changes_its_own_day_and_later_ones_only(books):
    before = {on: shown(on) for on in DAYS}
    a_receipt(books, "70", pays=Invoice.objects.order_by("pk")[0], on=date(2026, 4, 20))
    changed = [on for on in DAYS if shown(on) != before[on]]
    assert changed == [on for on in DAYS if on >= date(2026, 4, 20)]


def test_receipt_of_a_day_counts_on_that_day(books):
    assert shown(date(2026, 4, 9))["GBP"][2] == 100
    assert shown(date(2026, 4, 10))["GBP"][2] == 70


def test_closed_month_shows_the_same_for_ever(books):
    an_organisation()
    close_month(date(2026, 4, 30), actor="Fay", today=date(2026, 5, 2))
    before = {on: shown(on) for on in DAYS if on <= date(2026, 4, 30)}
    with pytest.raises(LedgerError, match="closed through 30 April 2026"):
        a_receipt(books, "70", on=date(2026, 4, 20))
    a_receipt(books, "70", on=date(2026, 5, 1))
    assert {on: shown(on) for on in before} == before


amounts = st.decimals(Decimal("0.01"), Decimal("99.99"), places=2)
days = st.integers(0, 80).map(lambda n: START + timedelta(days=n))


@given(
    st.lists(st.tuples(st.sampled_from(["bill", "receive", "pay", "reverse"]), amounts, days), max_size=10),
    days,
    st.lists(st.tuples(st.sampled_from(["bill", "receive", "pay", "reverse"]), amounts, days), max_size=5),
)
def test_days_before_any_later_booking_stay_as_they_were(first, cut, later):
    client = a_client()
    for step in first:
        tell(client, *step)
    before = {on: shown(on) for on in DAYS if on < cut}
    for what, amount, on in later:
        tell(client, what, amount, max(on, cut))
    assert {on: shown(on) for on in before} == before


def tell(client: Client, what: str, amount: Decimal, on: date) -> None:
    receipt = client.receipts.order_by("-pk").first()
    invoice = client.invoices.order_by("pk").first()
    try:
        if what == "bill":
            an_invoice(client, amount=amount, issued_on=on, due_on=on + timedelta(days=14))
        elif what == "receive":
            a_receipt(client, amount, on=on)
        elif what == "pay" and receipt and invoice:
            allocate(receipt.pk, [Share(invoice.pk, amount)], actor="Fay", on=on)
        elif what == "reverse" and receipt:
            reverse_receipt(receipt.pk, reason="bounced", actor="Fay", on=on)
    except LedgerError:
        return


# --- page and command -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("days_ago", [0, 1, 40, 200])
def test_page_and_command_agree(books, days_ago):
    on = localdate() - timedelta(days=days_ago)
    out = StringIO()
    call_command("ageing", "--as-of", on.isoformat(), "--json", stdout=out)
    said = {
        currency: [Decimal(row["buckets"][name]["amount"]) for name in BUCKETS] + [Decimal(row["credit"])]
        for currency, row in json.loads(out.getvalue())["currencies"].items()
    }
    staff: Browser = browser_of(fay())
    answer = staff.get(reverse("dashboard:ageing"), {"on": on.isoformat()})
    page = {e["one"].currency: [*e["one"].buckets, e["one"].credit] for e in answer.context["currencies"]}
    assert page == said


def test_they_agree_today_though_something_is_dated_tomorrow(books):
    today, tomorrow = localdate(), localdate() + timedelta(days=1)
    a_receipt(books, "70", pays=Invoice.objects.order_by("pk")[0], on=tomorrow)
    an_invoice(books, amount="5", issued_on=tomorrow, due_on=tomorrow)
    found = {one.currency: (one.open_items, *one.buckets, one.credit) for one in aged_currencies(today)}
    assert found == shown(today)
