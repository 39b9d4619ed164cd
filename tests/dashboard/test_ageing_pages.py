"""The ageing report: equal to the rules' own report, and every figure opens the list that it is made of."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.queries.aged import aged_clients, aged_currencies, aged_items
from invoices.queries.ageing import aged_balances
from invoices.rules.ageing import BUCKETS
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = a_world()
    for days in (-5, 0, 1, 30, 31, 60, 61, 90, 91):
        builders.an_invoice(world.acme, days_late=days, amount=f"{100 + days}.33", currency="EUR")
    return world


@pytest.fixture
def staff(world: World) -> Browser:
    return browser_of(world.fay)


@pytest.mark.parametrize("days_ago", [0, 1, 29, 45, 400])
def test_sums_of_the_database_equal_the_rules(world: World, days_ago: int) -> None:
    on = localdate() - timedelta(days=days_ago)
    totals, clients = aged_balances(on)
    found = {one.currency: (one.open_items, list(one.buckets), one.credit) for one in aged_currencies(on)}
    assert found == {c: (b.open_items, [b.buckets[n].amount for n in BUCKETS], b.credit) for c, b in totals.items()}
    by_client = {(row.code, row.currency): row.open_amount for row in aged_clients(on)}
    assert by_client == {key: balance.open_amount for key, balance in clients.items() if balance.open_items}


@pytest.mark.parametrize("bucket", BUCKETS)
def test_figure_opens_the_items_that_it_is_made_of(world: World, bucket: str) -> None:
    on = localdate()
    figure = next(one for one in aged_currencies(on) if one.currency == "EUR").buckets[BUCKETS.index(bucket)]
    assert sum(item.open_amount for item in aged_items(on, currency="EUR", bucket=bucket)) == figure


def test_item_paid_since_is_open_in_the_report_of_before(staff: Browser, world: World) -> None:
    yesterday = localdate() - timedelta(days=1)
    answer = staff.get(reverse("dashboard:ageing_items"), {"on": yesterday.isoformat(), "currency": "GBP"})
    assert Decimal(1200) in [row.open_amount for row, _ in answer.context["rows"]]


def test_client_is_found_in_the_report(staff: Browser) -> None:
    rows = staff.get(reverse("dashboard:ageing"), {"q": "slowco"}).context["rows"]
    assert [entry["row"].code for entry in rows] == ["SLOWCO"]


def test_unknown_client_leaves_the_table_empty(staff: Browser) -> None:
    assert staff.get(reverse("dashboard:ageing"), {"q": "nobody"}).context["rows"] == []


@pytest.mark.parametrize("raw", ["2026-02-30", "yesterday", "0001-01-01"])
def test_date_that_is_none_is_said_and_today_is_shown(staff: Browser, raw: str) -> None:
    answer = staff.get(reverse("dashboard:ageing"), {"on": raw})
    assert answer.context["is_today"]
    assert "is not a date" in answer.content.decode()


def test_csv_holds_every_client_with_the_currency_beside_each_amount(staff: Browser) -> None:
    answer: Any = staff.get(reverse("dashboard:ageing"), {"export": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert {(row["Code"], row["Overdue"]) for row in rows} == {("SLOWCO", "1600.00"), ("ACME", "1066.31")}


def test_xlsx_is_made(staff: Browser) -> None:
    answer: Any = staff.get(reverse("dashboard:ageing_items"), {"currency": "GBP", "export": "xlsx"})
    assert answer.getvalue()[:2] == b"PK"
