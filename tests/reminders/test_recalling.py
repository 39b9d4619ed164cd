"""A day gone by, from the record: what was decided then, not what would be decided about it now."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.utils.timezone import localdate

from reminders.models import Notice, OutgoingStatus
from reminders.services.blocks import add_block
from reminders.services.dunning_run import dunning_run
from reminders.services.promises import make_promise
from reminders.services.recalling import recall_client
from tests import builders

pytestmark = pytest.mark.django_db
TODAY = localdate()
THEN = TODAY - timedelta(days=10)


@pytest.fixture
def slowco() -> Any:
    builders.an_organisation()
    client = builders.follow(builders.slowco(), builders.a_procedure())
    builders.an_invoice(client, due_on=THEN - timedelta(days=2))
    return client


def test_day_without_a_run_says_so(slowco: Any) -> None:
    found = recall_client(slowco.pk, THEN)
    assert found.headline.startswith("No run took place")
    assert found.notices == ()


def test_notice_is_recalled_with_the_reasons_of_then(slowco: Any) -> None:
    dunning_run(THEN)
    number = slowco.invoices.get().number
    builders.a_receipt(slowco, "100", pays=slowco.invoices.get())  # paid since: the record does not change
    (one,) = recall_client(slowco.pk, THEN).notices
    assert one.why == (f"First reminder is due for {number} (100.00 GBP).",)
    assert recall_client(slowco.pk, THEN).headline.startswith("First reminder was proposed; it is ready to send now.")


def test_day_of_sending_names_the_day_of_proposing(slowco: Any) -> None:
    dunning_run(THEN)
    sent_on = THEN + timedelta(days=1)
    Notice.objects.update(status=OutgoingStatus.SENT, sent_on=sent_on)
    assert "was sent on" in recall_client(slowco.pk, THEN).headline
    assert "was sent that day" in recall_client(slowco.pk, sent_on).headline
    later = recall_client(slowco.pk, sent_on + timedelta(days=1))
    assert later.notices == ()
    assert later.held[-1].startswith("The contact before was First reminder")


def test_block_and_promise_of_then_are_named(slowco: Any) -> None:
    invoice = slowco.invoices.get()
    add_block(slowco, reason="manual", last_on=TODAY + timedelta(days=5), actor="Fay")
    make_promise(
        slowco, items=[invoice], amount=Decimal(100), currency="GBP", promised_on=TODAY + timedelta(days=2), actor="Fay"
    )
    dunning_run(TODAY)
    found = recall_client(slowco.pk, TODAY)
    assert found.headline.startswith("Nothing was proposed")
    assert "Dunning was blocked" in found.held[0]
    assert "100.00 GBP was promised" in found.held[1]
    assert recall_client(slowco.pk, TODAY - timedelta(days=1)).held == ()
    assert any("block" in event.verb for event in found.events)


def test_command_answers_for_the_past_from_the_record(slowco: Any) -> None:
    dunning_run(THEN)
    out = io.StringIO()
    call_command("explain", "--client", "SLOWCO", "--on", THEN.isoformat(), "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert found["is_record"] is True
    assert found["notices"][0]["level"] == "First reminder"
    assert found["notices"][0]["reasons"][0]["code"] == "level_due"
