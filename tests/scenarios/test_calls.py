"""What every outcome of a call does, and that it can be taken back for half a minute."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils.timezone import now

from invoices.models import AuditEvent, Client, Contact, Dispute, Invoice, PaymentPlan
from reminders import tasks
from reminders.errors import DunningError, NotWaiting
from reminders.models import (
    Acknowledgement,
    CallOutcome,
    CallTask,
    DunningBlock,
    Notice,
    PromiseToPay,
    Task,
    TaskKind,
)
from reminders.queries.calls import call_facts
from reminders.services.acknowledging import send_acknowledgements
from reminders.services.call_undo import undo_call
from reminders.services.calls import CallResult, ask_for_call, assign_calls, record_call
from reminders.services.late_charges import draft_charges
from reminders.services.promises import make_promise
from reminders.services.tasks import ask_for_contact, contact_found, make_task
from tests.builders import a_procedure, a_receipt, an_invoice, an_organisation, fay, follow, slowco

TODAY = date(2026, 3, 10)  # a Tuesday
LONDON = ZoneInfo("Europe/London")
LEVELS = ({"days_past_due": 10, "channel": "call", "template": "call"}, {"days_past_due": 14})


@pytest.fixture
def client(calendar: Any, mail_sink: Any) -> Client:
    calendar.at(TODAY)
    return follow(slowco(), a_procedure(LEVELS))


@pytest.fixture
def invoice(client: Client) -> Invoice:
    return an_invoice(client, days_late=11, amount="300.00")


@pytest.fixture
def call(calendar: Any, client: Client, invoice: Invoice) -> CallTask:
    calendar.tick(TODAY)
    return CallTask.objects.get()


def spoken(call: CallTask, outcome: str, **given: Any) -> CallOutcome:
    found = record_call(call.pk, CallResult(outcome, **given), actor=fay())
    call.refresh_from_db()
    return found


def at(day: str, hour: int) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), LONDON).replace(hour=hour)


def mails_of(client: Client) -> list[tuple[str, str]]:
    return list(Acknowledgement.objects.filter(client=client).order_by("pk").values_list("kind", "status"))


# --- outcomes


def test_gatekeeper_names_an_hour_and_the_call_comes_then(call):
    spoken(call, "gatekeeper", call_back_at=at("2026-03-12", 10), spoke_with="Reception")
    assert (call.status, call.due_on, call.call_back_at) == ("open", date(2026, 3, 12), at("2026-03-12", 10))


def test_gatekeeper_without_an_hour_is_rung_on_the_next_business_day(call):
    spoken(call, "gatekeeper")
    assert (call.status, call.due_on) == ("open", date(2026, 3, 11))


def test_copy_is_mailed_with_the_link_and_the_call_comes_again(calendar, mail_sink, client, call, invoice):
    spoken(call, "needs_copy", items=[invoice])
    assert (call.status, call.due_on) == ("open", date(2026, 3, 12))
    calendar.at(TODAY, 9, 1)
    send_acknowledgements()
    (mail,) = mail_sink.mails
    assert [part.get_filename() for part in mail.iter_attachments()] == [f"{invoice.number}.pdf"]


def test_copy_needs_an_address(client, call, invoice):
    Contact.objects.filter(client=client).update(email="")
    with pytest.raises(DunningError, match="working e-mail address"):
        spoken(call, "needs_copy", items=[invoice])
    assert not CallOutcome.objects.exists()


def test_plan_within_the_limits_is_agreed_on_the_phone(client, call, invoice):
    an_organisation(currency="GBP")
    spoken(call, "asks_plan", parts=3, first_on=date(2026, 3, 20), items=[invoice], spoke_with="Ann")
    assert PaymentPlan.objects.get().status == "active"
    assert (call.status, mails_of(client)) == ("done", [("plan_agreed", "approved")])


def test_plan_above_the_limits_waits_for_approval(calendar, client, call, invoice):
    spoken(call, "asks_plan", parts=40, first_on=date(2026, 3, 20), items=[invoice])
    assert PaymentPlan.objects.get().status == "proposed"


def test_wish_for_a_plan_without_figures_is_a_task(client, call):
    spoken(call, "asks_plan", note="Wants three parts")
    assert Task.objects.get(kind="plan_request").text == "Wants three parts"


def test_hardship_is_silent_free_of_charges_and_reviewed(calendar, mail_sink, client, call):
    Client.objects.filter(pk=client.pk).update(late_charge_rule="uk-1998")
    spoken(call, "hardship", review_on=date(2026, 4, 10), note="Lost the main buyer")
    assert DunningBlock.objects.get().last_on == date(2026, 4, 10)
    calendar.days("2026-03-14", "2026-04-09")
    assert mail_sink.mails == []
    draft_charges(date(2026, 4, 1))
    assert not client.invoices.filter(kind="charge").exists()
    calendar.at("2026-04-10")
    tasks.ask_for_hardship_reviews()
    tasks.ask_for_hardship_reviews()
    assert Task.objects.get(kind="hardship_review").due_on == date(2026, 4, 10)
    Task.objects.update(status="done")
    tasks.ask_for_hardship_reviews()
    assert Task.objects.filter(kind="hardship_review").count() == 1


def test_insolvency_stops_everything_and_asks_for_a_decision(calendar, mail_sink, client, call):
    spoken(call, "insolvent", note="Administrator appointed")
    calendar.days("2026-03-14", "2026-06-14")
    assert (mail_sink.mails, Notice.objects.filter(channel="email").count()) == ([], 0)
    assert "Administrator appointed" in Task.objects.get(kind="decide").text


def test_refusal_is_seen_by_a_manager_and_the_next_level_follows(calendar, mail_sink, call):
    spoken(call, "refused", note="Says we delivered late")
    assert "Says we delivered late" in Task.objects.get(kind="decide").text
    calendar.tick("2026-03-14")
    assert len(mail_sink.mails) == 1


def test_third_unanswered_call_writes_a_mail_with_the_link(calendar, mail_sink, client, call):
    for on in ("2026-03-10", "2026-03-11", "2026-03-12"):
        calendar.at(on)
        spoken(call, "no_answer")
    assert (call.status, mails_of(client)) == ("done", [("call_missed", "approved")])
    calendar.at("2026-03-12", 9, 1)
    send_acknowledgements()
    text = mail_sink.mails[0].get_body(("plain",)).get_content()
    assert "300.00" in text
    assert "/p/" in text


def test_client_in_hardship_gets_no_mail_for_calls_he_missed(calendar, client, call):
    DunningBlock.objects.create(client=client, reason="hardship", first_on=TODAY, last_on=date(2026, 4, 10))
    CallTask.objects.filter(pk=call.pk).update(attempts=2)
    spoken(call, "no_answer")
    assert mails_of(client) == []


def test_payment_said_to_be_made_in_the_future_is_a_promise(call):
    with pytest.raises(DunningError, match="take a promise"):
        spoken(call, "says_paid", paid_on=TODAY + timedelta(days=1))


def test_promise_is_confirmed_by_mail_with_the_link(calendar, mail_sink, client, call):
    spoken(call, "promised", amount=Decimal(300), currency="GBP", promised_on=date(2026, 3, 20))
    send_acknowledgements()
    assert mail_sink.mails == []  # it can still be taken back
    calendar.at(TODAY, 9, 1)
    send_acknowledgements()
    assert "300.00" in mail_sink.mails[0].get_body(("plain",)).get_content()


# --- taking back


UNDONE = {
    "promised": {"amount": Decimal(300), "currency": "GBP", "promised_on": date(2026, 3, 20)},
    "dispute": {"amount": Decimal(100), "reason": "price"},
    "says_paid": {},
    "wrong_number": {},
    "needs_copy": {},
    "asks_plan": {"parts": 3, "first_on": date(2026, 3, 20), "currency": "GBP"},
    "hardship": {},
    "insolvent": {},
    "refused": {},
    "no_answer": {},
    "voicemail": {},
    "gatekeeper": {"call_back_at": at("2026-03-12", 10)},
    "call_back": {"call_back_at": at("2026-03-12", 10)},
}


@pytest.mark.parametrize(("outcome", "given"), UNDONE.items())
def test_outcome_is_taken_back_whole(calendar, mail_sink, client, call, invoice, outcome, given):
    given = {"invoice": invoice} | given if outcome == "dispute" else given
    given = {"items": [invoice]} | given if outcome in ("needs_copy", "asks_plan", "promised") else given
    done = spoken(call, outcome, **given)
    undo_call(done.pk, actor=fay())
    call.refresh_from_db()
    assert (call.status, call.due_on, call.attempts, call.call_back_at) == ("open", TODAY, 0, None)
    assert not PromiseToPay.objects.filter(status="open").exists()
    assert not Dispute.objects.filter(status="open").exists()
    assert not DunningBlock.objects.filter(lifted_at=None).exists()
    assert not Task.objects.filter(status="open").exists()
    assert not PaymentPlan.objects.filter(status__in=["active", "proposed"]).exists()
    assert not Contact.objects.filter(is_phone_dead=True).exists()
    assert AuditEvent.objects.filter(verb="call_undone", client_id=client.pk).count() == 1
    calendar.at(TODAY, 9, 5)
    send_acknowledgements()
    assert mail_sink.mails == []
    assert call_facts(client, TODAY, now()).attempts == 0


def test_undo_brings_back_the_promise_that_was_replaced(client, call, invoice):
    first = make_promise(
        client, items=[invoice], amount=Decimal(300), currency="GBP", promised_on=date(2026, 3, 12), actor=fay()
    )
    done = spoken(call, "promised", amount=Decimal(300), currency="GBP", promised_on=date(2026, 3, 20))
    undo_call(done.pk, actor=fay())
    first.refresh_from_db()
    assert first.status == "open"


def test_undo_leaves_a_task_that_was_open_before(client, call):
    make_task(client.pk, TaskKind.FIND_PAYMENT, due_on=TODAY, text="Asked last week")
    undo_call(spoken(call, "says_paid").pk, actor=fay())
    assert Task.objects.get(kind="find_payment").status == "open"


def test_undo_ends_after_half_a_minute(calendar, client, call):
    done = spoken(call, "hardship")
    calendar.at(TODAY, 9, 1)
    with pytest.raises(NotWaiting, match="Half a minute"):
        undo_call(done.pk, actor=fay())
    assert DunningBlock.objects.get().lifted_at is None


def test_call_is_taken_back_once(call):
    done = spoken(call, "refused")
    undo_call(done.pk, actor=fay())
    with pytest.raises(NotWaiting, match="already"):
        undo_call(done.pk, actor=fay())


def test_call_that_was_taken_back_does_not_count_as_contact(calendar, mail_sink, client, call):
    undo_call(spoken(call, "refused").pk, actor=fay())
    CallTask.objects.update(status="done")
    calendar.at("2026-03-14", 8)
    undo_call(spoken_on(client, "refused").pk, actor=fay())
    calendar.tick("2026-03-14")
    assert len(mail_sink.mails) == 1


def spoken_on(client: Client, outcome: str) -> CallOutcome:
    task = ask_for_call(client, due_on=TODAY, reason="Ring", actor=fay())
    return record_call(task.pk, CallResult(outcome), actor=fay())


# --- numbers, hours, escalation


def test_mail_that_goes_through_does_not_end_the_search_for_a_number(client, call):
    spoken(call, "wrong_number")
    contact_found(client.pk)
    assert Task.objects.get(kind="find_contact").status == "open"


def test_wrong_number_joins_a_search_for_an_address(client, call):
    ask_for_contact(client.pk, TODAY, text="Mailbox full.")
    spoken(call, "wrong_number")
    contact_found(client.pk)
    task = Task.objects.get(kind="find_contact")
    assert (task.status, task.text) == ("open", "Mailbox full. The number we have is wrong.")


def test_mail_that_goes_through_ends_the_search_for_an_address(client):
    ask_for_contact(client.pk, TODAY, text="Mailbox full.")
    contact_found(client.pk)
    assert Task.objects.get().status == "done"


def test_number_shows_its_last_result_and_the_best_hour(calendar, client, call):
    number = Contact.objects.get(client=client)
    for day, hour, outcome in (
        ("10", 9, "no_answer"),
        ("11", 14, "refused"),
        ("12", 14, "call_back"),
        ("13", 9, "voicemail"),
    ):
        calendar.at(f"2026-03-{day}", hour)
        task = ask_for_call(client, due_on=TODAY, reason="Ring", actor=fay())
        record_call(
            task.pk,
            CallResult(outcome, contact=number, call_back_at=None if outcome != "call_back" else at("2026-03-13", 9)),
            actor=fay(),
        )
    facts = call_facts(client, date(2026, 3, 13), now())
    assert facts.numbers[0].last.outcome == "voicemail"
    assert (facts.best_hour, facts.attempts) == (14, 4)


def test_call_not_made_by_its_day_becomes_the_teams_once(calendar, mail_sink, call):
    assign_calls([call.pk], fay(), actor=fay())
    tasks.escalate_calls()
    calendar.at("2026-03-11", 6)
    tasks.escalate_calls()
    tasks.escalate_calls()
    call.refresh_from_db()
    assert (call.status, call.assigned_to) == ("open", None)
    assert AuditEvent.objects.filter(verb="call_escalated").count() == 1
    calendar.tick("2026-03-14")
    assert len(mail_sink.mails) == 1  # the sequence did not wait for it


def test_call_moved_to_another_day_is_escalated_for_that_day(calendar, call):
    calendar.at("2026-03-11", 6)
    tasks.escalate_calls()
    calendar.at("2026-03-11", 9)
    spoken(call, "no_answer")
    calendar.at("2026-03-13", 6)
    tasks.escalate_calls()
    assert AuditEvent.objects.filter(verb="call_escalated").count() == 2


def test_call_paid_meanwhile_is_not_escalated(calendar, client, call, invoice):
    a_receipt(client, "300.00", pays=invoice)
    calendar.tick(TODAY, 10)
    calendar.at("2026-03-11", 6)
    tasks.escalate_calls()
    assert not AuditEvent.objects.filter(verb="call_escalated").exists()
