"""The worked table of design/metrics.md."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.ageing import BUCKETS, AgedItem, age, bucket, days_past_due

AS_OF = date(2026, 6, 30)
WORKED = {"07-30": 1000, "06-30": 2000, "06-29": 3000, "05-31": 4000, "05-30": 5000}
WORKED |= {"05-01": 6000, "04-30": 7000, "04-01": 8000, "03-31": 9000}


def items():
    return [AgedItem("SLOWCO", "EUR", date.fromisoformat(f"2026-{day}"), Decimal(n)) for day, n in WORKED.items()]


def test_worked_table():
    found = age(items(), AS_OF)[0]["EUR"]
    assert [found.buckets[name].amount for name in BUCKETS] == [3000, 7000, 11000, 15000, 9000]
    assert (found.open_amount, found.overdue_amount, found.oldest_days_past_due) == (45000, 42000, 91)


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (-30, "current"),
        (0, "current"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "90+"),
        (4000, "90+"),
    ],
)
def test_buckets_at_their_limits(days, name):
    assert bucket(days) == name


@pytest.mark.parametrize(("due", "days"), [("06-30", 0), ("06-29", 1), ("07-02", -2)])
def test_due_today_is_no_day_late(due, days):
    assert days_past_due(date.fromisoformat(f"2026-{due}"), AS_OF) == days


def test_currencies_are_never_added():
    mixed = [AgedItem("ACME", "EUR", AS_OF, Decimal(5)), AgedItem("ACME", "USD", AS_OF, Decimal(7))]
    totals, clients = age(mixed, AS_OF)
    assert {currency: row.open_amount for currency, row in totals.items()} == {"EUR": 5, "USD": 7}
    assert set(clients) == {("ACME", "EUR"), ("ACME", "USD")}


@given(
    st.lists(
        st.builds(
            AgedItem,
            client=st.sampled_from(["ACME", "SLOWCO"]),
            currency=st.sampled_from(["EUR", "USD"]),
            due_on=st.integers(-200, 200).map(lambda n: AS_OF + timedelta(days=n)),
            amount=st.decimals(Decimal("0.01"), 10**6, places=2),
        )
    )
)
def test_buckets_and_clients_sum_to_the_whole(aged):
    totals, clients = age(aged, AS_OF)
    for currency, row in totals.items():
        assert sum(entry.amount for entry in row.buckets.values()) == row.open_amount
        assert sum(c.open_amount for (_, cur), c in clients.items() if cur == currency) == row.open_amount
