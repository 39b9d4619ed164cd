"""A real ledger of 2,466 invoices: ageing equals the answer key to the cent, and a year of runs the expected levels."""

from __future__ import annotations

import io
import json
import os
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from invoices.models import Invoice, Receipt
from invoices.queries.ledger import ledger_differences
from reminders.channels import CHANNELS
from reminders.models import Notice
from tests.concurrency.workers import Worker
from tests.fakes.null_channel import NullChannel
from tests.scenarios import ibm

STRESS = bool(os.environ.get("STRESS"))  # make stress: the long forms
pytestmark = [
    pytest.mark.skipif(not ibm.FOLDER.exists(), reason="the ledger ../shared/data/ledgers/ibm is not here"),
    pytest.mark.timeout(900),  # about a minute each on two idle cores; more where others work too
]


@pytest.fixture(autouse=True)
def null_channel(monkeypatch: pytest.MonkeyPatch) -> NullChannel:
    channel = NullChannel()
    monkeypatch.setitem(CHANNELS, "email", channel)
    return channel


@pytest.fixture
def ledger(db: None) -> None:
    """The file as published, by one command without a mapping."""
    file = str(ibm.FOLDER / "invoices.csv")
    call_command("import", "invoices", file, "--json", stdout=io.StringIO(), stderr=io.StringIO())


def test_whole_file_comes_in(ledger):
    key = ibm.answer_key()
    assert (Invoice.objects.count(), Receipt.objects.count()) == (key["invoices"], key["payments"])
    assert sum(Invoice.objects.values_list("total_amount", flat=True)) == Decimal(key["total_issued"])
    assert list(ledger_differences()) == []


@pytest.mark.parametrize("as_of", ["2012-06-30", "2012-12-31"])
def test_ageing_equals_the_answer_key(ledger, as_of):
    key, found = ibm.answer_key()["as_of"][as_of], aged(as_of)
    usd = found["currencies"]["USD"]
    assert (usd["open_items"], usd["open_amount"], usd["credit"]) == (
        key["open_invoices"],
        key["open_balance"],
        key["credit"],
    )
    assert {name: (b["items"], b["amount"]) for name, b in usd["buckets"].items()} == {
        name: (b["invoices"], b["balance"]) for name, b in key["buckets"].items()
    }
    assert [tuple(row.values()) for row in found["clients"]][: len(key["top_customers"])] == [
        (c["customer"], "USD", c["balance"], c["overdue"], c["open_invoices"], c["oldest_days_past_due"])
        for c in key["top_customers"]
    ]


def aged(as_of: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("ageing", "--as-of", as_of, "--by", "client", "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.once
def test_a_year_of_runs_reaches_exactly_the_expected_levels(db, tmp_path, null_channel):
    """Half of it; with STRESS set, the whole year."""
    last = ibm.LAST if STRESS else date(2012, 6, 30)
    ibm.import_open_items(tmp_path)
    ibm.replay(ibm.plan_and_send, until=last)
    assert ibm.reached_levels() == [row for row in ibm.expected_levels() if row[0] <= last.isoformat()]
    sent = Notice.objects.filter(channel="email", status="sent").count()
    assert len({message.message_id for message in null_channel.messages}) == len(null_channel.messages) == sent


def test_running_twice_a_day_changes_nothing(db, tmp_path):
    """Three months; with STRESS set, the whole year."""
    last = ibm.LAST if STRESS else date(2012, 3, 31)
    ibm.import_open_items(tmp_path)

    def twice(on: date) -> None:
        ibm.plan_and_send(on)
        ibm.plan_and_send(on)

    ibm.replay(twice, until=last)
    assert ibm.reached_levels() == [row for row in ibm.expected_levels() if row[0] <= last.isoformat()]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_change_nothing(tmp_path):
    """Three months; with STRESS set, the whole year."""
    last = ibm.LAST if STRESS else date(2012, 3, 31)
    ibm.import_open_items(tmp_path)
    with Worker() as one, Worker() as other:

        def both(on: date) -> None:
            one.ask(f"plan_and_send {on}")
            other.ask(f"plan_and_send {on}")
            assert (one.answer(), other.answer()) == ("done", "done")

        ibm.replay(both, until=last)
    assert ibm.reached_levels() == [row for row in ibm.expected_levels() if row[0] <= last.isoformat()]
