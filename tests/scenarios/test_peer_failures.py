"""What other products get wrong, and their users complain about: one story for each, named after them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from invoices.models import Client
from invoices.queries.plan_terms import NewPlan
from invoices.rules.plan_terms import Wanted
from reminders.models import Notice, NoticeLine, OutgoingStatus
from reminders.services import dispatch
from reminders.services.dunning_run import dunning_run
from reminders.services.plans import agree_plan
from tests.builders import a_procedure, a_receipt, an_invoice, an_organisation, fay, follow, slowco

FIRST_DAY = date(2026, 3, 2)  # a Monday
THREE = (
    {"days_past_due": 1, "channel": "email", "template": "reminder"},
    {"days_past_due": 7, "channel": "email", "template": "firm"},
    {"days_past_due": 14, "channel": "email", "template": "manager"},
)


@pytest.fixture
def client(calendar: Any, mail_sink: Any) -> Client:
    """Slowco, who hears at +1, +7 and +14."""
    calendar.at(FIRST_DAY)
    return follow(slowco(), a_procedure(THREE))


def heard() -> list[tuple[str, int]]:
    """(day, level) of everything that was sent, in order."""
    lines = NoticeLine.objects.filter(reached_on__isnull=False).order_by("reached_on", "position")
    return [(line.reached_on.isoformat(), line.position) for line in lines]


@pytest.mark.parametrize("down_until", ["2026-03-05", "2026-03-31"])
def test_invoice_ninja_akaunting_dolibarr_and_erpnext_lose_a_day_on_which_nothing_ran(calendar, client, down_until):
    an_invoice(client, due_on=date(2026, 3, 3))
    calendar.tick("2026-03-03")
    calendar.tick(down_until)
    assert heard() == [(down_until, 1)]


def test_kill_bill_jumps_to_the_worst_level_after_downtime(calendar, client):
    an_invoice(client, due_on=date(2026, 1, 2))
    calendar.tick("2026-03-02")
    assert heard() == [("2026-03-02", 1)]


def test_tryton_and_oca_climb_three_levels_in_one_day(calendar, client):
    an_invoice(client, due_on=date(2026, 1, 2))
    for hour in (8, 10, 12, 15):
        calendar.tick("2026-03-02", hour)
    calendar.days("2026-03-03", "2026-03-07", "2026-03-08", "2026-03-14", "2026-03-15")
    assert heard() == [("2026-03-02", 1), ("2026-03-08", 2), ("2026-03-15", 3)]


def test_oca_and_invoice_ninja_send_one_mail_per_level_or_per_invoice(calendar, mail_sink, client):
    an_invoice(client, due_on=date(2026, 3, 8))
    calendar.tick("2026-03-09")
    an_invoice(client, due_on=date(2026, 3, 14))
    an_invoice(client, due_on=date(2026, 3, 14))
    calendar.tick("2026-03-15")
    assert heard() == [("2026-03-09", 1), ("2026-03-15", 1), ("2026-03-15", 1), ("2026-03-15", 2)]
    assert len(mail_sink.mails) == 2


def test_invoice_ninja_deletes_the_payment_plan_when_a_run_was_missed(calendar, client):
    an_organisation(currency="GBP")
    invoice = an_invoice(client, due_on=date(2026, 3, 1), amount="300.00")
    calendar.tick("2026-03-02")
    wanted = Wanted(date(2026, 3, 9), parts=3)
    plan = agree_plan(client.pk, NewPlan((invoice.pk,), wanted, agreed_by="Ann", how="call"), actor=fay())
    a_receipt(client, "100.00", pays=invoice, on=date(2026, 3, 9))
    calendar.tick("2026-03-30")  # three weeks in which nothing ran
    plan.refresh_from_db()
    assert (plan.status, plan.instalments.count()) == ("active", 3)
    assert heard() == [("2026-03-02", 1)]


def test_kill_bill_2297_moves_the_next_level_when_the_oldest_invoice_is_paid(calendar, client):
    oldest = an_invoice(client, due_on=date(2026, 3, 1))
    an_invoice(client, due_on=date(2026, 3, 6))
    calendar.days("2026-03-02", "2026-03-07")
    calendar.at("2026-03-08", 8)
    a_receipt(client, "100.00", pays=oldest, on=date(2026, 3, 8))
    calendar.days("2026-03-08", "2026-03-12", "2026-03-13", "2026-03-14", "2026-03-20")
    # Level 2 of the younger one on its own day: neither brought forward to the 8th nor skipped.
    assert heard() == [("2026-03-02", 1), ("2026-03-07", 1), ("2026-03-13", 2), ("2026-03-20", 3)]


def test_oca_tryton_and_business_central_send_to_who_has_paid(calendar, mail_sink, client):
    invoice = an_invoice(client, due_on=date(2026, 3, 1))
    dunning_run(calendar.at("2026-03-02"))
    a_receipt(client, "100.00", pays=invoice, on=date(2026, 3, 2))
    dispatch.send_notices(date(2026, 3, 2))
    assert mail_sink.mails == []
    assert Notice.objects.get().error == "Paid in the meantime."


def test_oca_counts_a_mail_that_failed_as_a_level_reached(calendar, mail_sink, client):
    client.contacts.update(email="")
    an_invoice(client, due_on=date(2026, 3, 1))
    calendar.tick("2026-03-02")
    assert (Notice.objects.get().status, heard()) == (OutgoingStatus.FAILED, [])
    client.contacts.update(email="ap@slowco.example")
    calendar.days("2026-03-09", "2026-03-10")
    assert heard() == [("2026-03-09", 1)]


def test_lago_counts_the_attempt_as_contact(calendar, mail_sink, client):
    """The campaign of a client whose mail was refused goes on with the same level, once somebody gave an address."""
    client.contacts.update(email="")
    an_invoice(client, due_on=date(2026, 2, 1))
    calendar.days("2026-03-02", "2026-03-03", "2026-03-04")
    assert not NoticeLine.objects.filter(is_live=True).exists()
    client.contacts.update(email="ap@slowco.example")
    calendar.tick("2026-03-11")
    assert heard() == [("2026-03-11", 1)]
