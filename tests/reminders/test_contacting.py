"""What the planner is told of past contacts, closed channels, money elsewhere and procedures; and what changes it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from invoices.models import AuditEvent, Client
from reminders.errors import DunningError
from reminders.models import (
    CallOutcome,
    CallTask,
    DunningProcedure,
    Notice,
    NoticeLine,
    OutgoingStatus,
    PayRunDays,
    ProcedureVersion,
    SegmentRule,
    Task,
)
from reminders.queries.accounts import load_accounts
from reminders.queries.procedures import Procedures
from reminders.rules.payruns import PayRuns
from reminders.rules.records import Account
from reminders.services.dispatch import send_notices
from reminders.services.dunning_run import dunning_run
from reminders.services.procedure_preview import preview_procedure
from reminders.services.procedures import activate, add_procedure, change_procedure
from reminders.services.serving import add_segment_rule, pin_invoice, remove_segment_rule, skip_level
from reminders.services.tasks import close_task
from tests.builders import (
    a_client,
    a_contact,
    a_procedure,
    a_receipt,
    acme,
    an_invoice,
    an_organisation,
    fay,
    follow,
    slowco,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)  # a Tuesday


@pytest.fixture(autouse=True)
def tuesday() -> Any:
    with time_machine.travel("2026-03-10 10:00 +0000", tick=False) as traveller:
        an_organisation(currency="GBP")
        yield traveller


@pytest.fixture
def client() -> Client:
    return follow(slowco(country="GB", time_zone="Europe/London"), a_procedure(respects_contact_rules=True))


def account(client: Client) -> Account:
    return load_accounts([client.pk], TODAY)[0]


def rung(client: Client, outcome: str, days_ago: int) -> None:
    task = CallTask.objects.create(client=client, due_on=TODAY, status="done")
    at = f"{TODAY - timedelta(days=days_ago)}T11:00:00+00:00"
    CallOutcome.objects.create(task=task, client=client, outcome=outcome, at=at)


# --- past contacts and closed channels


def test_unanswered_call_is_an_attempt_and_a_talk_is_a_contact(client):
    for outcome in ("no_answer", "refused", "wrong_number"):
        rung(client, outcome, 3)
    touches = [(touch.is_contact, touch.is_talk) for touch in account(client).history]
    assert touches == [(False, False), (True, True)]  # a wrong number reached nobody of theirs
    assert account(client).last_contact_on == TODAY - timedelta(days=3)


@pytest.mark.parametrize(
    ("contact", "closed"),
    [
        ({}, {"sms"}),
        ({"has_sms_consent": True}, set()),
        ({"has_sms_consent": True, "is_phone_dead": True}, {"sms"}),
        ({"refuses_calls": True}, {"sms", "call"}),
        ({"email_state": "refused"}, {"sms", "email"}),
        ({"email_state": "bounced"}, {"sms"}),  # another address is looked for; nobody said no
        ({"phone": "", "refuses_calls": True}, {"sms"}),
    ],
)
def test_channels_are_closed_by_what_contacts_asked_for(client, contact, closed):
    client.contacts.update(**contact)
    assert set(account(client).closed) == closed


def test_second_person_keeps_a_channel_open(client):
    client.contacts.update(refuses_calls=True, email_state="refused")
    a_contact(client, "boss@slowco.example")
    assert set(account(client).closed) == {"sms"}


def test_number_of_queries_does_not_grow_with_the_clients(client):
    counts = []
    for more in (0, 5):
        ids = [client.pk, *(follow(a_client(country="DE"), a_procedure()).pk for _ in range(more))]
        for pk in ids:
            an_invoice(Client.objects.get(pk=pk), today=TODAY)
        with CaptureQueriesContext(connection) as queries:
            load_accounts(ids, TODAY)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- the hour


def test_notice_waits_in_the_queue_until_the_hours_of_the_client(client, tuesday):
    Client.objects.filter(pk=client.pk).update(country="US", time_zone="America/New_York")
    an_invoice(client, days_late=2, today=TODAY)
    dunning_run(TODAY)
    assert send_notices(TODAY).sent == 0  # 06:00 in New York
    notice = Notice.objects.get()
    assert (notice.status, notice.attempts, notice.error[:12]) == (OutgoingStatus.APPROVED, 0, "Rule default")
    assert notice.not_before_at.isoformat() == "2026-03-10T11:00:00+00:00"
    assert "Rule default 1: email only from 07:00 to 21:00" in notice.error
    tuesday.move_to("2026-03-10 11:01 +0000")
    assert send_notices(TODAY).sent == 1


def test_procedure_without_contact_rules_sends_at_any_hour(client, tuesday):
    DunningProcedure.objects.update(respects_contact_rules=False)
    an_invoice(client, days_late=2, today=TODAY)
    tuesday.move_to("2026-03-10 03:00 +0000")
    dunning_run(TODAY)
    assert send_notices(TODAY).sent == 1


# --- money on another account


def test_reference_that_names_an_invoice_of_another_client_stops_his_notice_and_makes_a_task(client):
    invoice = an_invoice(client, days_late=2, today=TODAY)
    receipt = a_receipt(acme(), "55", on=TODAY)
    type(receipt).objects.filter(pk=receipt.pk).update(reference=f"Re {invoice.number} thanks")
    dunning_run(TODAY)
    assert not Notice.objects.exists()
    assert Task.objects.get().kind == "find_payment"


def test_what_the_payer_has_on_account_may_pay_it(client):
    head = acme()
    Client.objects.filter(pk=client.pk).update(payer=head)
    an_invoice(client, days_late=2, today=TODAY)
    a_receipt(head, "10", on=TODAY)
    assert [found.amount for found in account(client).possible] == [10]


def test_notice_goes_once_somebody_has_looked_at_the_money(client):
    Client.objects.filter(pk=client.pk).update(payer=acme())
    an_invoice(client, days_late=2, today=TODAY)
    a_receipt(Client.objects.get(code="ACME"), "10", on=TODAY)
    dunning_run(TODAY)
    close_task(Task.objects.get().pk, outcome="Not his", actor=fay())
    dunning_run(TODAY)
    assert Notice.objects.count() == 1


def test_money_of_a_stranger_is_none_of_his(client):
    an_invoice(client, days_late=2, amount="10", today=TODAY)
    a_receipt(acme(), "10", on=TODAY)
    assert account(client).possible == ()


# --- pay runs and bank data


def test_pay_runs_and_the_newest_receipt_reach_the_planner(client):
    PayRunDays.objects.create(client=client, days="15, 31")
    a_receipt(acme(), "1", on=date(2026, 3, 4))
    assert account(client).pay_runs == PayRuns((15, 31))
    assert account(client).bank_data_on == date(2026, 3, 4)


# --- which procedure


def test_segment_rule_serves_who_fits_until_it_is_removed(client):
    special = a_procedure()
    german = a_client(country="DE", currency="EUR")
    rule = add_segment_rule({"procedure": special, "country": "DE"}, actor=fay())
    assert Procedures().of([german.pk])[german.pk].id == special.pk
    assert Procedures().choices([client.pk])[client.pk].because == "because the client is pinned to it"
    remove_segment_rule(rule.pk, actor=fay())
    assert Procedures().choices([german.pk])[german.pk].because == "the default"
    assert not SegmentRule.objects.exists()


def test_rule_of_a_draft_takes_nobody_away(client):
    german = a_client(country="DE")
    add_segment_rule({"procedure": a_procedure(status="draft"), "country": "DE"}, actor=fay())
    assert Procedures().choices([german.pk])[german.pk].because == "the default"


def test_rule_by_amount_counts_what_is_open_in_his_currency(client):
    add_segment_rule({"procedure": a_procedure(), "minimum_amount": 150}, actor=fay())
    other = a_client(currency="GBP")
    for amount, currency in (("100", "GBP"), ("900", "USD")):
        an_invoice(other, amount=amount, currency=currency, today=TODAY)
    assert Procedures().choices([other.pk])[other.pk].because == "the default"
    an_invoice(other, amount="50", today=TODAY)
    assert "segment rule 1" in Procedures().choices([other.pk])[other.pk].because


def test_pinned_invoice_is_served_by_its_own_procedure(client):
    invoice = an_invoice(client, days_late=2, today=TODAY)
    late = a_procedure([{"days_past_due": 30}])
    with pytest.raises(DunningError, match="Say why"):
        pin_invoice(invoice.pk, late, reason=" ", actor=fay())
    pin_invoice(invoice.pk, late, reason="Agreed with the board", actor=fay())
    dunning_run(TODAY)
    assert not Notice.objects.exists()
    pin_invoice(invoice.pk, None, reason="", actor=fay())
    dunning_run(TODAY)
    assert Notice.objects.count() == 1


def test_level_left_out_by_hand_counts_as_reached_and_nobody_hears_of_it(client):
    invoice = an_invoice(client, days_late=8, today=TODAY)
    with pytest.raises(DunningError, match="Say why"):
        skip_level(invoice.pk, reason="", actor=fay())
    assert skip_level(invoice.pk, reason="Spoke to the board", actor=fay()).position == 1
    line = NoticeLine.objects.get()
    assert (line.position, line.reached_on, line.notice.channel) == (1, TODAY, "decide")
    assert account(client).last_contact_on is None
    assert "Spoke to the board" in AuditEvent.objects.get(verb="level_skipped").text
    skip_level(invoice.pk, reason="That one too", actor=fay())
    with pytest.raises(DunningError, match="no level left"):
        skip_level(invoice.pk, reason="More", actor=fay())


# --- versions and entry


def test_every_change_keeps_what_the_procedure_said(client):
    procedure = client.dunning.procedure
    change_procedure(procedure.pk, {"name": procedure.name, "minimum_interval_days": 5}, actor=fay())
    kept = ProcedureVersion.objects.get()
    assert (kept.number, kept.content["minimum_interval_days"], len(kept.content["levels"])) == (2, 5, 2)


def test_preview_of_a_draft_shows_the_entry_policy_at_work(client):
    an_invoice(client, days_late=40, today=TODAY)
    draft = add_procedure("Draft", like=client.dunning.procedure_id, actor=fay())
    first = preview_procedure(draft.pk, TODAY, is_default=False)
    assert [one.level for one in first.gets] == ["First reminder"]
    change_procedure(draft.pk, {"name": "Draft", "entry_policy": "fitting"}, actor=fay())
    fitting = preview_procedure(draft.pk, TODAY, is_default=False)
    assert [one.level for one in fitting.gets] == ["Second reminder"]
    assert not Notice.objects.exists()


def test_entry_policy_counts_from_the_day_of_activation(client):
    draft = add_procedure("Draft", like=client.dunning.procedure_id, actor=fay())
    assert activate(draft.pk, actor=fay()).status == "active"
    assert DunningProcedure.objects.get(pk=draft.pk).switched_on == TODAY
