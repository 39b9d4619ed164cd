"""The daily tick of late charges with what collections knows: blocks that spare a client, letters that warned one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from invoices.models import Charge, Client, Invoice
from reminders.models import DunningBlock, Notice, NoticeLine
from reminders.services.late_charges import draft_charges
from tests import builders

pytestmark = pytest.mark.django_db

APRIL = date(2026, 4, 1)


@pytest.fixture
def client() -> Client:
    return builders.slowco(country="GB", late_charge_rule="uk-1998")


@pytest.fixture
def invoice(client: Client) -> Invoice:
    return builders.an_invoice(client, amount="999.99", due_on=date(2026, 1, 31))


def blocked(client: Client, reason: str, **given: Any) -> DunningBlock:
    days = {"first_on": APRIL - timedelta(days=20), "last_on": APRIL + timedelta(days=40), **given}
    return DunningBlock.objects.create(client=client, reason=reason, **days)


@pytest.mark.parametrize("reason", ["hardship", "breathing", "insolvency"])
def test_nothing_is_drafted_in_hardship_breathing_space_or_insolvency(client, invoice, reason) -> None:
    blocked(client, reason)
    assert draft_charges(APRIL).drafted == 0


@pytest.mark.parametrize("reason", ["manual", "reply", "legal"])
def test_other_blocks_only_stop_the_dunning(client, invoice, reason) -> None:
    blocked(client, reason)
    assert draft_charges(APRIL).drafted == 2


def test_block_of_one_invoice_spares_that_one(client, invoice) -> None:
    other = builders.an_invoice(client, amount="2000", due_on=date(2026, 1, 31))
    blocked(client, "hardship", invoice=invoice)
    draft_charges(APRIL)
    assert set(Charge.objects.values_list("invoice", flat=True)) == {other.pk}


@pytest.mark.parametrize(
    "given",
    [
        {"last_on": APRIL - timedelta(days=1)},
        {"first_on": APRIL + timedelta(days=1)},
        {"lifted_at": "2026-03-30T10:00Z"},
    ],
)
def test_block_that_is_not_in_force_spares_nobody(client, invoice, given) -> None:
    blocked(client, "hardship", **given)
    assert draft_charges(APRIL).drafted == 2


@pytest.mark.parametrize(
    ("days", "status", "sent_on", "drafted"),
    [
        (14, "sent", date(2026, 3, 10), 1),
        (13, "sent", date(2026, 3, 10), 0),
        (14, "cancelled", date(2026, 3, 10), 0),
        (14, "sent", date(2026, 3, 20), 0),
    ],
)
def test_dutch_consumer_owes_costs_when_the_fourteen_days_have_passed(days, status, sent_on, drafted) -> None:
    client = builders.slowco(country="NL", currency="EUR", debtor_type="consumer", late_charge_rule="nl-bik")
    item = builders.an_invoice(client, amount="1000", due_on=date(2026, 1, 31))
    level = builders.a_procedure().levels.order_by("position")[0]
    notice = Notice.objects.create(
        client=client,
        level=level,
        channel="email",
        status=status,
        proposed_on=sent_on,
        send_before=sent_on,
        sent_on=sent_on,
        deadline_on=sent_on + timedelta(days=days),
    )
    NoticeLine.objects.create(notice=notice, invoice=item, position=1, amount=1000)
    assert draft_charges(APRIL).drafted == drafted
