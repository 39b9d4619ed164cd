"""The general ledger: opening + movements = closing = open items - money on account, on the page and as files."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from invoices.models import Entry, EntryKind
from invoices.queries.ageing import aged_balances
from invoices.queries.general_ledger import control_totals
from invoices.rules.allocation import Share
from invoices.rules.periods import Period
from invoices.services.ledger_export import shipped_accounts
from invoices.services.receipts import allocate
from tests import builders
from tests.dashboard.ledger_world import browser_of

pytestmark = pytest.mark.django_db

MAY = Period(date(2026, 5, 1), date(2026, 5, 31))
DAYS = {"first_on": "2026-05-01", "last_on": "2026-05-31"}
URL = "dashboard:ledger"


@pytest.fixture
def books() -> None:
    """April: 1,000.00 billed. May: 500.00 and EUR 70.00 billed, 1,200.00 received, 1,000.00 of it for April's."""
    acme = builders.acme()
    first = builders.an_invoice(acme, amount="1000", issued_on=date(2026, 4, 10), due_on=date(2026, 5, 10))
    builders.an_invoice(acme, amount="500", issued_on=date(2026, 5, 12), due_on=date(2026, 6, 11))
    builders.an_invoice(acme, amount="70", issued_on=date(2026, 5, 2), due_on=date(2026, 6, 1), currency="EUR")
    receipt = builders.a_receipt(acme, "1200", on=date(2026, 5, 20))
    allocate(receipt.pk, [Share(first.pk, Decimal(1000))], actor="Fay", on=date(2026, 5, 20))
    builders.a_receipt(acme, "300", on=date(2026, 6, 2))


@pytest.fixture
def reader() -> Browser:
    ray = builders.ray()
    ray.groups.set([Group.objects.get(name="Read-only")])
    return browser_of(ray)


def run(*options: str) -> str:
    out = io.StringIO()
    call_command("export_ledger", "--from", "2026-05-01", "--to", "2026-05-31", *options, stdout=out)
    return out.getvalue()


def test_totals_lead_from_opening_to_open_items_less_on_account(books):
    euros, pounds = control_totals(MAY)
    assert (pounds.opening, pounds.moved, pounds.closing) == (1000, -700, 300)
    assert (pounds.open_items, pounds.on_account, pounds.difference) == (500, 200, 0)
    assert (euros.currency, euros.closing, euros.difference) == ("EUR", 70, 0)


def test_kinds_are_counted_and_summed(books):
    kinds = {one.kind: (one.entries, one.amount) for one in control_totals(MAY)[1].kinds}
    assert kinds == {EntryKind.ISSUED: (1, 500), EntryKind.RECEIVED: (1, -1200), EntryKind.ALLOCATED: (2, 0)}


@pytest.mark.parametrize("day", ["2026-04-09", "2026-04-30", "2026-05-19", "2026-05-20", "2026-06-02"])
def test_closing_is_the_ageing_report_of_any_day(books, day):
    on = date.fromisoformat(day)
    aged = aged_balances(on)[0]
    closings = {one.currency: one.closing for one in control_totals(Period(on - timedelta(days=9), on))}
    assert closings == {code: balance.open_amount - balance.credit for code, balance in aged.items()}


def test_every_kind_has_a_counter_account():
    paired = {EntryKind.ALLOCATED, EntryKind.UNALLOCATED}
    assert set(EntryKind) - paired <= set(shipped_accounts().counter)


def test_command_gives_the_totals_as_json(books):
    pounds = json.loads(run("--json"))["currencies"]["GBP"]
    assert (pounds["opening"], pounds["closing"], pounds["difference"]) == ("1000.00", "300.00", "0.00")
    assert pounds["kinds"]["received"] == {"entries": 1, "amount": "-1200.00"}


def test_command_gives_every_entry_as_csv_with_its_documents(books):
    rows = list(csv.DictReader(io.StringIO(run("--csv").removeprefix("\ufeff"))))
    assert [(row["Kind"], row["Debit"], row["Credit"]) for row in rows] == [
        ("Invoice issued", "70.00", ""),
        ("Invoice issued", "500.00", ""),
        ("Receipt", "", "1200.00"),
        ("Allocation", "", "1000.00"),
        ("Allocation", "1000.00", ""),
    ]
    assert (rows[0]["Invoice"], rows[0]["Account"], rows[0]["Counter-account"]) == ("INV-00003", "1100", "4000")
    assert (rows[3]["Account"], rows[3]["Counter-account"]) == ("1100", "2150")


def test_debits_less_credits_are_what_moved(books):
    rows = list(csv.DictReader(io.StringIO(run("--csv").removeprefix("\ufeff"))))
    pounds = [row for row in rows if row["Currency"] == "GBP"]
    assert sum(Decimal(row["Debit"] or 0) - Decimal(row["Credit"] or 0) for row in pounds) == -700


def test_command_prints_the_totals(books):
    assert "GBP  closing                          300.00  4 entries" in run()


def test_command_says_when_the_books_are_empty():
    assert "Nothing is booked by then." in run()


def test_command_refuses_a_period_upside_down():
    with pytest.raises(CommandError, match="before it begins"):
        call_command("export_ledger", "--from", "2026-05-02", "--to", "2026-05-01")


def test_totals_that_do_not_agree_end_with_an_error(books):
    Entry.objects.filter(invoice__number="INV-00001", kind="allocated").update(amount=-1200)
    with pytest.raises(CommandError, match="do not agree in GBP"):
        run()


def test_reader_sees_totals_and_entries(books, reader):
    answer = reader.get(reverse(URL), DAYS)
    assert [row.kind for row in answer.context["rows"]][:2] == ["Invoice issued", "Invoice issued"]
    assert "Agrees" in answer.content.decode()


def test_figure_opens_the_entries_that_it_is_made_of(books, reader):
    pounds = reader.get(reverse(URL), DAYS).context["totals"][1]
    for kind, url in pounds["kinds"]:
        rows = reader.get(url).context["rows"]
        assert (len(rows), sum(row.amount for row in rows)) == (kind.entries, kind.amount)


def test_page_gives_the_same_csv_as_the_command(books, reader):
    answer: Any = reader.get(reverse(URL), {**DAYS, "export": "csv"})
    assert answer.getvalue().decode() == run("--csv")


def test_page_gives_a_spreadsheet(books, reader):
    answer: Any = reader.get(reverse(URL), {**DAYS, "export": "xlsx"})
    assert answer.getvalue()[:2] == b"PK"


def test_stranger_is_asked_to_log_in(db):
    assert Browser().get(reverse(URL)).status_code == 302


def test_page_costs_the_same_queries_for_any_number_of_entries(books, reader):
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            reader.get(reverse(URL), DAYS)
        return len(seen)

    few = cost()
    for _ in range(3):
        builders.an_invoice(builders.a_client(), amount="9", issued_on=date(2026, 5, 3), due_on=date(2026, 5, 4))
    assert cost() == few
    assert few <= 16
