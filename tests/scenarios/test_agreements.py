"""Promises, blocks, disputes, credit and calls: each moves the plan."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from invoices.models import Client, Contact, Invoice
from invoices.services.disputes import close_dispute, open_dispute
from invoices.services.receipts import undo_allocation
from reminders.errors import DunningError, NotWaiting, OutsideLimits
from reminders.models import CallTask, DunningBlock, Notice, PromiseToPay, Task
from reminders.services.blocks import add_block, lift_block
from reminders.services.calls import CallResult, record_call
from reminders.services.explaining import explain_client
from reminders.services.promises import make_promise, withdraw_promise
from tests.builders import a_client, a_procedure, a_receipt, an_invoice, fay, follow, slowco

TODAY = date(2026, 3, 10)  # a Tuesday


@pytest.fixture
def client(calendar: Any, mail_sink: Any) -> Client:
    calendar.at(TODAY)
    return follow(slowco(), a_procedure())


@pytest.fixture
def invoice(client: Client) -> Invoice:
    return an_invoice(client, days_late=1)


def promised(client: Client, *items: Invoice, on: str = "2026-03-13", amount: str = "100.00") -> PromiseToPay:
    return make_promise(
        client, items=items, amount=Decimal(amount), currency="GBP", promised_on=date.fromisoformat(on), actor=fay()
    )


# --- promises: Friday 13 March and two business days are the 17th


def test_promise_keeps_us_silent_through_its_grace(calendar, mail_sink, client, invoice):
    promised(client, invoice)
    calendar.days("2026-03-10", "2026-03-13", "2026-03-16", "2026-03-17")
    assert mail_sink.mails == []
    calendar.tick("2026-03-18")
    assert len(mail_sink.mails) == 1


def test_promise_broken_makes_a_task(calendar, client, invoice):
    promise = promised(client, invoice)
    calendar.days("2026-03-17", "2026-03-18")
    promise.refresh_from_db()
    assert promise.status == "broken"
    assert Task.objects.get(kind="broken_promise").due_on == date(2026, 3, 18)


def test_promise_kept_is_judged_when_the_money_is_there(calendar, client, invoice):
    promise = promised(client, invoice)
    calendar.at("2026-03-12")
    a_receipt(client, "99.00", pays=invoice)
    calendar.tick("2026-03-12")
    promise.refresh_from_db()
    assert (promise.status, promise.kept_amount) == ("kept", Decimal("99.00"))


def test_promise_kept_in_part_is_told_apart(calendar, client, invoice):
    promise = promised(client, invoice)
    a_receipt(client, "60.00", pays=invoice)
    calendar.days("2026-03-18")
    promise.refresh_from_db()
    assert (promise.status, promise.kept_amount) == ("partly_kept", Decimal("60.00"))


def test_undone_allocation_before_the_promise_does_not_count_against_it(calendar, client):
    invoice = an_invoice(client, days_late=1, amount="200.00")
    early = a_receipt(client, "100.00", pays=invoice, on=date(2026, 3, 9))
    promise = promised(client, invoice)
    undo_allocation(early.allocations.get().pk, actor=fay())
    a_receipt(client, "100.00", pays=invoice)
    calendar.days("2026-03-18")
    promise.refresh_from_db()
    assert (promise.status, promise.kept_amount) == ("kept", Decimal("100.00"))


def test_new_promise_replaces_the_one_before(client, invoice):
    first = promised(client, invoice)
    promised(client, invoice, on="2026-03-20")
    first.refresh_from_db()
    assert first.status == "replaced"


def test_withdrawn_promise_is_silent_no_more(calendar, mail_sink, client, invoice):
    withdraw_promise(promised(client, invoice).pk, actor=fay())
    calendar.tick(TODAY)
    assert len(mail_sink.mails) == 1


@pytest.mark.parametrize(
    ("on", "amount"),
    [("2026-03-09", "10.00"), ("2026-05-01", "10.00"), ("2026-03-13", "100.01"), ("2026-03-13", "0.001")],
)
def test_promise_outside_the_limits_is_refused_and_nothing_written(client, invoice, on, amount):
    kept = promised(client, invoice)
    with pytest.raises(OutsideLimits):
        promised(client, invoice, on=on, amount=amount)
    kept.refresh_from_db()
    assert (kept.status, PromiseToPay.objects.count()) == ("open", 1)


# --- blocks, disputes, credit


def test_block_lasts_through_its_last_day(calendar, mail_sink, client, invoice):
    add_block(client, reason="manual", last_on=date(2026, 3, 12), actor=fay())
    calendar.days("2026-03-10", "2026-03-12")
    assert mail_sink.mails == []
    calendar.tick("2026-03-13")
    assert len(mail_sink.mails) == 1


def test_block_stops_a_notice_that_waits_for_approval(calendar, client):
    follow(client, a_procedure([{"days_past_due": 1, "approval": "each"}]))
    an_invoice(client, days_late=1)
    calendar.tick(TODAY)
    add_block(client, reason="legal", last_on=None, actor=fay())
    calendar.tick(TODAY, 10)
    assert Notice.objects.get().status == "cancelled"
    assert Notice.objects.get().error == "Dunning is blocked (legal) until it is lifted."


def test_lifted_block_wakes_the_client_at_once(calendar, mail_sink, client, invoice):
    block = add_block(client, reason="manual", last_on=None, actor=fay())
    calendar.tick(TODAY)
    lift_block(block.pk, actor=fay())
    calendar.tick(TODAY, 10)
    assert len(mail_sink.mails) == 1


def test_block_on_one_invoice_leaves_the_others(calendar, mail_sink, client, invoice):
    other = an_invoice(client, days_late=2)
    add_block(client, reason="manual", last_on=None, invoice=invoice, actor=fay())
    calendar.tick(TODAY)
    text = mail_sink.mails[0].get_body(("plain",)).get_content()
    assert other.number in text
    assert invoice.number not in text


def test_block_names_an_invoice_of_its_client(client):
    stranger = an_invoice(a_client("ACME"))
    with pytest.raises(OutsideLimits, match="another client"):
        add_block(client, reason="manual", last_on=None, invoice=stranger, actor=fay())


def test_only_the_undisputed_part_is_asked_for(calendar, mail_sink, client, invoice):
    dispute = open_dispute(invoice.pk, amount=Decimal(30), reason="price", opened_by="Ann", actor="client Ann")
    calendar.tick(TODAY)
    assert "70.00" in mail_sink.mails[0].get_body(("plain",)).get_content()
    close_dispute(dispute.pk, status="rejected", outcome="as ordered", actor=fay())
    calendar.tick("2026-03-16")
    assert "100.00" in mail_sink.mails[1].get_body(("plain",)).get_content()


def test_credit_that_covers_all_gives_a_task_and_no_mail(calendar, mail_sink, client, invoice):
    a_receipt(client, "120.00")
    calendar.days("2026-03-10", "2026-03-11")
    assert mail_sink.mails == []
    assert Task.objects.get().kind == "allocate"


# --- calls


@pytest.fixture
def call(calendar: Any, client: Client) -> CallTask:
    """A call to Slowco about 300.00, eleven days late, on the day it is due. A mail follows at +14."""
    follow(client, a_procedure([{"days_past_due": 10, "channel": "call", "template": "call"}, {"days_past_due": 14}]))
    an_invoice(client, days_late=11, amount="300.00")
    calendar.tick(TODAY)
    return CallTask.objects.get()


def spoken(call: CallTask, outcome: str, **given: Any) -> CallTask:
    record_call(call.pk, CallResult(outcome, **given), actor=fay())
    call.refresh_from_db()
    return call


@pytest.mark.parametrize(("outcome", "due_on"), [("no_answer", date(2026, 3, 11)), ("voicemail", date(2026, 3, 12))])
def test_unanswered_call_comes_back(call, outcome, due_on):
    assert (spoken(call, outcome).status, call.due_on) == ("open", due_on)


def test_third_unanswered_call_ends_and_the_mail_follows(calendar, mail_sink, call):
    for on in ("2026-03-10", "2026-03-11", "2026-03-12"):
        calendar.at(on)
        spoken(call, "no_answer")
    assert call.status == "done"
    calendar.tick("2026-03-14")
    assert len(mail_sink.mails) == 1


def test_promise_on_the_phone_blocks_until_its_grace_is_over(calendar, mail_sink, client, call):
    spoken(call, "promised", amount=Decimal(300), currency="GBP", promised_on=date(2026, 3, 20), spoke_with="Ann")
    calendar.days("2026-03-14", "2026-03-20", "2026-03-24")
    assert (call.status, mail_sink.mails) == ("done", [])
    calendar.tick("2026-03-25")
    assert len(mail_sink.mails) == 1


def test_refused_promise_records_no_call(call):
    with pytest.raises(OutsideLimits):
        spoken(call, "promised", amount=Decimal(999), currency="GBP", promised_on=date(2026, 3, 20))
    call.refresh_from_db()
    assert (call.status, call.outcomes.count()) == ("open", 0)


def test_dispute_on_the_phone_is_opened(calendar, mail_sink, client, call):
    spoken(call, "dispute", invoice=client.invoices.get(), amount=Decimal(300), reason="quality")
    calendar.days("2026-03-14", "2026-03-20")
    assert mail_sink.mails == []
    assert "disputed" in explain_client(client.pk, date(2026, 3, 20)).headline


def test_wrong_number_marks_it_and_asks_for_another(client, call):
    spoken(call, "wrong_number")
    assert Contact.objects.get(client=client).is_phone_dead
    assert Task.objects.get(kind="find_contact").text == "The number we have is wrong."


def test_call_back_moves_the_call_to_its_time(call):
    at = datetime(2026, 3, 12, 15, tzinfo=ZoneInfo("Europe/London"))
    assert (spoken(call, "call_back", call_back_at=at).due_on, call.status) == (date(2026, 3, 12), "open")


def test_says_paid_gives_us_three_days_to_look(calendar, mail_sink, client, call):
    spoken(call, "says_paid")
    calendar.days("2026-03-13", "2026-03-14")
    assert DunningBlock.objects.get().last_on == date(2026, 3, 13)
    assert Task.objects.get(kind="find_payment").status == "open"
    assert len(mail_sink.mails) == 1


def test_call_is_recorded_once(call):
    spoken(call, "refused")
    with pytest.raises(NotWaiting):
        spoken(call, "refused")


@pytest.mark.parametrize("outcome", ["promised", "dispute", "call_back"])
def test_outcome_that_lacks_its_figures_is_refused(call, outcome):
    with pytest.raises(DunningError):
        spoken(call, outcome)


def test_payment_cancels_the_call(calendar, client, call):
    a_receipt(client, "300.00", pays=client.invoices.get())
    calendar.tick(TODAY, 10)
    call.refresh_from_db()
    assert call.status == "cancelled"
