"""A claim handed over, and a call taken back, from two sides at once, on real locks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils.timezone import localdate

from invoices.models import Client, Invoice
from reminders.errors import DunningError
from reminders.models import CallTask, DunningBlock, Notice, NoticeLine, Partner, Placement, Task
from reminders.services import call_undo, placements
from reminders.services.call_undo import undo_call
from reminders.services.calls import CallResult, ask_for_call, record_call
from reminders.services.placements import NewPlacement, place
from tests.builders import a_procedure, an_invoice, an_organisation, fay, follow, slowco
from tests.concurrency.test_correction_races import meeting_after, twice_at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

FINAL = {"days_past_due": 10, "channel": "letter", "kind": "final", "template": "final", "deadline_days": 10}


@pytest.fixture
def client() -> Client:
    an_organisation()
    return follow(slowco(), a_procedure([FINAL]))


@pytest.fixture
def invoice(client: Client) -> Invoice:
    """A final notice was posted, and its deadline is over."""
    invoice, level = an_invoice(client, days_late=40, amount="1000.00"), client.dunning.procedure.levels.get()
    sent_on = localdate() - timedelta(days=20)
    notice = Notice.objects.create(
        client=client, level=level, channel="letter", status="sent", proposed_on=sent_on, send_before=sent_on,
        sent_on=sent_on, deadline_on=sent_on + timedelta(days=10),
    )  # fmt: skip
    NoticeLine.objects.create(notice=notice, invoice=invoice, position=1, amount=1000, reached_on=sent_on)
    return invoice


@pytest.fixture
def agency() -> Partner:
    return Partner.objects.create(name="Hunter & Co", kind="agency", commission_percent=Decimal(10))


def place_twice(client: Client, invoice: Invoice, agency: Partner) -> list[Exception]:
    new, actor = NewPlacement(agency.pk, [invoice.pk]), fay()
    return twice_at_once(lambda: place(client.pk, new, actor=actor))


def test_claim_handed_over_twice_at_once_goes_once(client, invoice, agency, monkeypatch):
    with meeting_after(monkeypatch, placements, "claims_of"):
        raised = place_twice(client, invoice, agency)
    assert [isinstance(exc, DunningError) for exc in raised] == [True]  # a sentence, not a broken constraint
    assert (Placement.objects.count(), DunningBlock.objects.filter(reason="placed").count()) == (1, 1)


def test_without_the_lock_only_the_constraint_stops_the_second(client, invoice, agency, monkeypatch):
    monkeypatch.setattr(placements, "lock_client", lambda pk: Client.objects.get(pk=pk))
    with meeting_after(monkeypatch, placements, "claims_of"):
        raised = place_twice(client, invoice, agency)
    assert [type(exc) for exc in raised] == [IntegrityError]


def test_call_taken_back_twice_at_once_is_taken_back_once(client, invoice, monkeypatch):
    actor = fay()
    task = ask_for_call(client, due_on=localdate(), reason="Ring", actor=actor)
    outcome = record_call(task.pk, CallResult("insolvent"), actor=actor)
    with meeting_after(monkeypatch, call_undo, "_take_back_mails"):
        raised: list[Any] = twice_at_once(lambda: undo_call(outcome.pk, actor=actor))
    assert [isinstance(exc, DunningError) for exc in raised] == [True]
    assert CallTask.objects.get().status == "open"
    assert not Task.objects.filter(status="open").exists()
