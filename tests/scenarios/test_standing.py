"""Disputes with their words, and everything that makes us silent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoices.errors import ExceedsOpen, LedgerError
from invoices.models import AuditEvent, Client, Invoice
from invoices.queries.plan_terms import NewPlan
from invoices.rules.plan_terms import Wanted
from invoices.services.disputes import change_dispute
from invoices.services.receipts import undo_allocation
from reminders import tasks
from reminders.errors import OutsideLimits
from reminders.models import Acknowledgement, CallTask, DunningBlock, Notice
from reminders.services.acknowledging import send_acknowledgements
from reminders.services.blocks import add_block, lift_block
from reminders.services.disputes import Progress, answer_dispute, move_dispute, take_dispute
from reminders.services.plans import agree_plan
from tests.builders import a_procedure, a_receipt, an_invoice, an_organisation, fay, follow, slowco

TODAY = date(2026, 3, 10)  # a Tuesday
LEVELS = (
    {"days_past_due": 1, "name": "Reminder"},
    {"days_past_due": 5, "channel": "call", "template": "call", "name": "Call"},
    {"days_past_due": 10, "name": "Second reminder"},
    {"days_past_due": 15, "channel": "letter", "kind": "demand", "template": "demand", "deadline_days": 10},
    {"days_past_due": 30, "channel": "decide", "kind": "decision", "template": "decide"},
)


@pytest.fixture
def client(calendar: Any, mail_sink: Any) -> Client:
    calendar.at(TODAY)
    return follow(slowco(address="1 Late Lane"), a_procedure(LEVELS))


@pytest.fixture
def invoice(client: Client) -> Invoice:
    return an_invoice(client, days_late=1, amount="100.00")


def text_of(mail: Any) -> str:
    return mail.get_body(("plain",)).get_content()


def disputed(invoice: Invoice, amount: str = "30.00") -> Any:
    given = {"amount": Decimal(amount), "reason": "price", "opened_by": "Ann"}
    return take_dispute(invoice.pk, actor=fay(), **given)


# --- disputes


def test_client_is_told_when_a_dispute_begins_moves_and_ends(calendar, mail_sink, client, invoice):
    dispute = disputed(invoice)
    assert dispute.answer_by == date(2026, 3, 24)  # ten business days
    new = Progress(Decimal(20), date(2026, 3, 27), fay(), "The warehouse counts again.")
    assert move_dispute(dispute.pk, new, actor=fay())
    assert answer_dispute(dispute.pk, status="rejected", outcome="As ordered", actor=fay(), words="See the slip.")
    send_acknowledgements()
    first, second, third = map(text_of, mail_sink.mails)
    assert "30.00" in first
    assert "The warehouse counts again." in second
    assert "27" in second
    assert "See the slip." in third
    assert "As ordered" not in third  # our own finding


def test_smaller_dispute_leaves_the_rest_to_be_asked_for(calendar, mail_sink, client, invoice):
    dispute = disputed(invoice, "100.00")
    calendar.tick(TODAY)
    assert mail_sink.mails == []
    move_dispute(dispute.pk, Progress(Decimal(30)), actor=fay())
    calendar.tick(TODAY, 10)
    assert "70.00" in text_of(mail_sink.mails[0])
    assert Acknowledgement.objects.filter(kind="dispute_answered").count() == 0  # no words, no mail


def test_dispute_is_never_about_more_than_is_open(client, invoice):
    dispute = disputed(invoice)
    with pytest.raises(ExceedsOpen):
        change_dispute(dispute.pk, amount=Decimal(101), answer_by=None, owner=None, actor=fay())
    answer_dispute(dispute.pk, status="withdrawn", outcome="", actor=fay())
    with pytest.raises(LedgerError, match="already"):
        change_dispute(dispute.pk, amount=Decimal(10), answer_by=None, owner=None, actor=fay())


def test_change_of_a_dispute_is_recorded_with_before_and_after(client, invoice):
    dispute = disputed(invoice)
    move_dispute(dispute.pk, Progress(Decimal(20), None, fay()), actor=fay())
    event = AuditEvent.objects.get(verb="dispute_changed")
    assert (event.before["amount"], event.after["amount"]) == ("30.00", "20.00")


def test_silenced_client_hears_nothing_of_his_dispute(client, invoice):
    dispute = disputed(invoice)
    add_block(client, reason="legal", last_on=None, actor=fay())
    assert not answer_dispute(dispute.pk, status="accepted", outcome="Right", actor=fay())


# --- what stops everything

STOPS = ("insolvency", "breathing", "legal", "deceased", "ceased", "placed", "hardship")


@pytest.mark.parametrize("reason", STOPS)
def test_nothing_leaves_while_everything_is_stopped(calendar, mail_sink, client, invoice, reason):
    block = add_block(client, reason=reason, last_on=date(2026, 5, 9), actor=fay())
    for on in ("2026-03-10", "2026-03-16", "2026-03-23", "2026-04-06", "2026-05-08", "2026-05-09"):
        calendar.tick(on)
        send_acknowledgements()
    assert (mail_sink.mails, CallTask.objects.count()) == ([], 0)
    assert not Notice.objects.exclude(status="cancelled").exists()
    lift_block(block.pk, actor=fay())
    calendar.tick("2026-05-09", 10)
    assert len(mail_sink.mails) == 1  # from where he stood: the first level


@pytest.mark.parametrize("reason", STOPS)
def test_notice_on_its_way_is_stopped_too(calendar, mail_sink, client, invoice, reason):
    calendar.at(TODAY)
    tasks.dunning_run()  # approved, and not sent yet
    assert Notice.objects.get().status == "approved"
    add_block(client, reason=reason, last_on=date(2026, 5, 9), actor=fay())
    tasks.send_notices()
    assert mail_sink.mails == []
    assert Notice.objects.get().status == "cancelled"


def test_mails_about_a_plan_stop_as_well(calendar, mail_sink, client, invoice):
    an_organisation(currency="GBP")
    agree_plan(client.pk, NewPlan((invoice.pk,), Wanted(date(2026, 3, 20), parts=2)), actor=fay())
    send_acknowledgements()
    sent = len(mail_sink.mails)
    add_block(client, reason="insolvency", last_on=None, actor=fay())
    for on in ("2026-03-16", "2026-03-23", "2026-04-10"):
        calendar.tick(on)
        send_acknowledgements()
    assert len(mail_sink.mails) == sent


@pytest.mark.parametrize("reason", ["insolvency", "breathing", "legal", "deceased", "ceased"])
def test_what_is_about_the_person_covers_every_invoice_and_channel(client, invoice, reason):
    for part in ({"invoice": invoice}, {"channel": "email"}):
        with pytest.raises(OutsideLimits, match="stops everything"):
            add_block(client, reason=reason, last_on=None, actor=fay(), **part)


def test_breathing_space_lasts_sixty_days(client):
    assert add_block(client, reason="breathing", last_on=None, actor=fay()).last_on == date(2026, 5, 9)


def test_block_without_an_end_keeps_its_reason_until_lifted(calendar, mail_sink, client, invoice):
    add_block(client, reason="ceased", last_on=None, actor=fay(), note="Letter of 9 March")
    calendar.days("2026-06-10", "2027-03-10")
    assert mail_sink.mails == []
    assert DunningBlock.objects.get().is_in_force(date(2027, 3, 10))


def test_payment_taken_back_during_a_block_stays_silent(calendar, mail_sink, client, invoice):
    receipt = a_receipt(client, "100.00", pays=invoice)
    add_block(client, reason="insolvency", last_on=None, actor=fay())
    undo_allocation(receipt.allocations.get().pk, actor=fay())
    calendar.days("2026-03-16", "2026-04-20")
    assert mail_sink.mails == []
