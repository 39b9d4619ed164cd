"""One notice by several ways, providers that fail, alarms that stop, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from invoices.models import AuditEvent, Client, Contact, EmailState, Organisation
from reminders.errors import NotWaiting
from reminders.models import (
    Acknowledgement,
    Consent,
    DeliveryEvent,
    DunningRun,
    Inbound,
    Notice,
    NoticeLine,
    NoticePart,
    OutgoingStatus,
    Task,
)
from reminders.services.acknowledging import send_acknowledgements
from reminders.services.deliveries import Event, take_event
from reminders.services.dispatch import send_notices
from reminders.services.inbound_sms import Text, take_in_text
from reminders.services.parts import settle_part
from reminders.services.recovery import find_stale_claims
from reminders.services.sending import start_sending
from tests.builders import a_client, a_contact, a_procedure, a_receipt, an_invoice, fay, follow, slowco
from tests.fakes.provider import (
    ACCEPT_THEN_SILENT,
    BUSY,
    REFUSE,
    Provider,
    as_postmark,
    postmark_settings,
    running_provider,
)

TODAY = date(2026, 3, 10)  # a Tuesday
NUMBER = "+442079460018"


@pytest.fixture
def sms(settings: Any) -> Iterator[Provider]:
    with running_provider() as provider:
        settings.SMS_URL = provider.url
        yield provider


def level(**fields: Any) -> list[dict[str, Any]]:
    return [{"days_past_due": 1, **fields}]


@pytest.fixture
def client(calendar: Any) -> Client:
    calendar.at(TODAY)
    client = slowco(country="GB")
    Contact.objects.update(has_sms_consent=True)
    return client


def owes(client: Client, **fields: Any) -> Any:
    """On a procedure of one level with these fields, a day late."""
    follow(client, a_procedure(level(**fields)))
    return an_invoice(client, days_late=1)


def status_of(part: NoticePart) -> str:
    part.refresh_from_db()
    return part.status


# --- one contact by several ways


def test_mail_and_text_are_one_contact(calendar, mail_sink, sms, client):
    owes(client, has_sms_too=True)
    calendar.tick(TODAY)
    assert len(mail_sink.mails) == 1
    assert [request.json["to"] for request in sms.taken] == [NUMBER]
    part = NoticePart.objects.get()
    assert (part.status, part.provider_id, part.body_text) == ("sent", "m1", sms.taken[0].json["text"])
    calendar.tick(TODAY, 10)
    assert (len(mail_sink.mails), len(sms.taken), Notice.objects.count()) == (1, 1, 1)


def test_nobody_gets_a_text_without_having_agreed(calendar, mail_sink, sms, client):
    Contact.objects.update(has_sms_consent=False)
    owes(client, has_sms_too=True)
    calendar.tick(TODAY)
    assert len(mail_sink.mails) == 1
    assert sms.requests == []


def test_second_contact_gets_a_mail_of_its_own(calendar, mail_sink, client):
    a_contact(client, "boss@slowco.example", name="Bo Boss", first_name="Bo", role="decision_maker")
    owes(client, has_second_contact=True)
    calendar.tick(TODAY)
    assert [mail["To"] for mail in mail_sink.mails] == ["ap@slowco.example", "boss@slowco.example"]
    first, second = (mail.get_body(("plain",)).get_content() for mail in mail_sink.mails)
    assert "Ann" in first
    assert "Bo" in second
    assert "Ann" not in second
    assert len({mail["Message-ID"] for mail in mail_sink.mails}) == 2


def test_second_contact_gets_the_same_files(calendar, mail_sink, client):
    a_contact(client, "boss@slowco.example")
    owes(client, has_second_contact=True, attaches_invoices=True)
    calendar.tick(TODAY)
    names = [[part.get_filename() for part in mail.iter_attachments()] for mail in mail_sink.mails]
    assert len(names[0]) == 1
    assert names[0] == names[1]


def test_level_in_the_name_of_the_manager(calendar, mail_sink, client):
    user = fay()
    Client.objects.filter(pk=client.pk).update(account_manager=user)
    client.refresh_from_db()
    owes(client, is_from_manager=True)
    calendar.tick(TODAY)
    (mail,) = mail_sink.mails
    assert user.full_name in mail["From"]
    assert mail["Reply-To"] == "fay@northwind.example"


def test_parts_stay_when_the_mail_did_not_leave(calendar, mail_sink, sms, client):
    owes(client, has_sms_too=True)
    mail_sink.refusals["ap@slowco.example"] = "550 No such user"
    calendar.tick(TODAY)
    find_stale_claims()
    assert sms.requests == []
    assert NoticePart.objects.get().status == OutgoingStatus.CANCELLED


def test_text_waits_for_its_provider_and_then_asks_again(calendar, mail_sink, sms, client):
    invoice = owes(client, has_sms_too=True)
    sms.status = 401
    calendar.tick(TODAY)
    assert (NoticePart.objects.get().status, NoticePart.objects.get().attempts) == ("approved", 0)
    sms.status = 0
    a_receipt(client, "100.00", pays=invoice)
    calendar.tick(TODAY, 10)
    assert sms.taken == []
    assert NoticePart.objects.get().error == "Paid in the meantime."


def test_text_goes_to_nobody_who_withdrew_meanwhile(calendar, mail_sink, sms, client):
    owes(client, has_sms_too=True)
    sms.fault = lambda request: BUSY
    calendar.tick(TODAY)
    sms.fault = lambda request: ""
    take_in_text(Text("sms", "in-1", NUMBER, "Stop", now()))
    calendar.tick(TODAY, 10)
    assert sms.taken == []
    assert NoticePart.objects.get().error == "Text messages to this number are no longer agreed to."


def test_unknown_text_is_never_repeated_and_a_person_says(calendar, mail_sink, sms, client):
    owes(client, has_sms_too=True)
    sms.fault = lambda request: ACCEPT_THEN_SILENT
    calendar.tick(TODAY)
    sms.fault = lambda request: ""
    calendar.tick(TODAY, 10)
    part = NoticePart.objects.get()
    assert (part.status, len(sms.taken)) == ("unknown", 1)
    settle_part(part.pk, was_sent=True, actor=fay())
    assert status_of(part) == "sent"
    with pytest.raises(NotWaiting):
        settle_part(part.pk, was_sent=False, actor=fay())


def test_worker_that_died_with_a_text_leaves_it_unknown(calendar, mail_sink, sms, client):
    owes(client, has_sms_too=True)
    sms.status = 401
    calendar.tick(TODAY)
    part = NoticePart.objects.get()
    NoticePart.objects.update(status="sending", claimed_at=now() - timedelta(hours=1))
    find_stale_claims()
    assert status_of(part) == "unknown"


def test_text_of_its_own_level_leaves_and_counts(calendar, mail_sink, sms, client):
    owes(client, channel="sms")
    calendar.tick(TODAY)
    assert mail_sink.mails == []
    assert len(sms.taken) == 1
    assert (Notice.objects.get().recipient, Notice.objects.get().provider_id) == (NUMBER, "m1")
    assert NoticeLine.objects.get().reached_on == TODAY


def test_text_refused_for_good_fails_and_does_not_count(calendar, mail_sink, sms, client):
    owes(client, channel="sms")
    sms.fault = lambda request: REFUSE
    calendar.tick(TODAY)
    assert Notice.objects.get().status == OutgoingStatus.FAILED
    assert NoticeLine.objects.get().reached_on is None


def test_other_system_is_told_with_figures(calendar, client, settings):
    with running_provider() as provider:
        settings.NOTICE_WEBHOOK_URL = provider.url
        invoice = owes(client, channel="webhook")
        calendar.tick(TODAY)
    (told,) = (request.json for request in provider.taken)
    assert told["client"]["code"] == "SLOWCO"
    assert [(item["number"], item["amount"]) for item in told["items"]] == [(invoice.number, "100.00")]


# --- mail through a provider, and what it tells


@pytest.fixture
def postmark(settings: Any) -> Iterator[Provider]:
    with running_provider(as_postmark) as provider:
        for name, value in postmark_settings(provider).items():
            setattr(settings, name, value)
        yield provider


def told(kind: str, message_id: str, *, recipient: str = "ap@slowco.example", number: int = 1) -> Event:
    at = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
    return Event("postmark", f"e{number}", kind, at, recipient, [message_id], "550 5.1.1 No such user")


def test_mail_keeps_the_name_that_its_provider_gave_it(calendar, postmark, client):
    owes(client)
    calendar.tick(TODAY)
    assert Notice.objects.get().provider_id == "pm-1"
    take_event(told("delivered", "pm-1"))
    take_event(told("delivered", "pm-1"))
    assert Notice.objects.get().delivered_at is not None
    assert DeliveryEvent.objects.count() == 1


def test_provider_that_fell_silent_leaves_it_unknown(calendar, postmark, client):
    owes(client)
    postmark.fault = lambda request: ACCEPT_THEN_SILENT
    calendar.tick(TODAY)
    postmark.fault = lambda request: ""
    calendar.tick(TODAY, 10)
    assert Notice.objects.get().status == OutgoingStatus.UNKNOWN
    assert len(postmark.taken) == 1


def test_hard_bounce_suspends_the_address_and_the_next_goes_to_another(calendar, postmark, client):
    follow(client, a_procedure([{"days_past_due": 1}, {"days_past_due": 3}]))
    an_invoice(client, days_late=1)
    a_contact(client, "cfo@slowco.example")
    calendar.tick(TODAY)
    take_event(told("bounced", "pm-1"))
    assert Contact.objects.get(email="ap@slowco.example").email_state == EmailState.BOUNCED
    assert "550 5.1.1" in Task.objects.get(kind="find_contact").text
    calendar.days("2026-03-12", "2026-03-13")
    assert [request.json["To"] for request in postmark.taken] == ["ap@slowco.example", "cfo@slowco.example"]


def test_complaint_suspends_at_once_and_is_kept(calendar, postmark, client):
    owes(client)
    calendar.tick(TODAY)
    take_event(told("complained", "pm-1"))
    assert Contact.objects.get().email_state == EmailState.REFUSED
    assert (Consent.objects.get().is_given, Consent.objects.get().how) == (False, "postmark")


@pytest.mark.parametrize(
    ("message_id", "recipient"), [("pm-999", "ap@slowco.example"), ("pm-1", "ceo@elsewhere.example"), ("", "")]
)
def test_event_that_names_nothing_of_ours_changes_nothing(calendar, postmark, client, message_id, recipient):
    owes(client)
    calendar.tick(TODAY)
    take_event(told("bounced", message_id, recipient=recipient))
    take_event(told("complained", message_id, recipient=recipient, number=2))
    assert Contact.objects.get().email_state == EmailState.OK
    assert DeliveryEvent.objects.count() == 2


def test_bounce_of_the_second_mail_spares_the_first_address(calendar, postmark, client):
    a_contact(client, "boss@slowco.example")
    owes(client, has_second_contact=True)
    calendar.tick(TODAY)
    take_event(told("bounced", "pm-2", recipient="boss@slowco.example"))
    states = dict(Contact.objects.values_list("email", "email_state"))
    assert states == {"ap@slowco.example": "ok", "boss@slowco.example": "bounced"}


# --- texts that come in


def test_stop_is_honoured_at_once_and_confirmed_once(calendar, sms, client):
    for number in range(3):
        take_in_text(Text("sms", f"in-{number}", NUMBER, "STOP", now()))
        take_in_text(Text("sms", f"in-{number}", NUMBER, "STOP", now()))
    assert not Contact.objects.get().has_sms_consent
    assert (Inbound.objects.count(), Consent.objects.count(), Acknowledgement.objects.count()) == (3, 1, 1)
    send_acknowledgements()
    assert [request.json["to"] for request in sms.taken] == [NUMBER]


def test_stop_counts_for_everybody_at_that_number(calendar, client):
    other = a_client("TWIN", country="GB")
    Contact.objects.filter(client=other).update(phone="020 7946 0018", has_sms_consent=True)
    row = take_in_text(Text("sms", "in-1", NUMBER, "stop", now()))
    assert row.client is None
    assert not Contact.objects.filter(has_sms_consent=True).exists()


def test_text_of_a_person_waits_for_an_answer(calendar, client):
    row = take_in_text(Text("sms", "in-1", NUMBER, "We pay on Friday", now()))
    assert (row.kind, row.status, row.client, row.channel) == ("reply", "open", client, "sms")
    assert Task.objects.get().text == "Ann Lee wrote: SMS: We pay on Friday"


def test_text_provider_that_is_down_stops_no_mail(calendar, mail_sink, client, settings):
    settings.SMS_URL = ""
    take_in_text(Text("sms", "in-1", NUMBER, "stop", now()))
    Acknowledgement.objects.create(client=client, kind="new_link", once_key="a", recipient="ap@slowco.example")
    assert send_acknowledgements() == 1
    assert len(mail_sink.mails) == 1


# --- what stops by itself


def test_more_than_allowed_in_an_hour_stops_and_says_so(calendar, mail_sink, monkeypatch):
    monkeypatch.setattr("reminders.services.alarm.LOOK_EVERY", 2)
    Organisation.objects.update(hourly_send_limit=4)
    calendar.at(TODAY)
    procedure = a_procedure()
    for _ in range(9):
        an_invoice(follow(a_client(), procedure), days_late=1)
    calendar.tick(TODAY)
    us = Organisation.objects.get()
    assert len(mail_sink.mails) == 4
    assert (us.is_sending_stopped, us.sending_alarm) == (
        True,
        "4 messages left within an hour, and the limit is 4.",
    )
    start_sending(actor=fay())
    assert Organisation.objects.get().sending_alarm == ""
    calendar.at(TODAY, 9, 1)
    send_notices(TODAY)  # the count begins anew
    assert len(mail_sink.mails) == 8


def runs_of(*sizes: int) -> None:
    for number, size in enumerate(sizes, start=1):
        on = TODAY - timedelta(days=number)
        DunningRun.objects.create(on=on, started_at=now(), proposed=size)


def test_run_of_more_than_three_times_the_usual_size_stops_and_asks(calendar, mail_sink, monkeypatch):
    monkeypatch.setattr("reminders.services.alarm.ALWAYS_ALLOWED", 2)
    calendar.at(TODAY)
    runs_of(1, 1, 2)
    procedure = a_procedure()
    for _ in range(4):
        an_invoice(follow(a_client(), procedure), days_late=1)
    calendar.tick(TODAY)
    assert mail_sink.mails == []
    assert Organisation.objects.get().sending_alarm == (
        "The run for 10 March 2026 proposes 4 or more notices; 1 a day are usual."
    )
    start_sending(actor=fay())
    calendar.tick(TODAY, 10)
    assert len(mail_sink.mails) == 4
    assert AuditEvent.objects.filter(verb="sending_stopped").count() == 1


def test_first_days_ask_nothing(calendar, mail_sink, monkeypatch):
    monkeypatch.setattr("reminders.services.alarm.ALWAYS_ALLOWED", 2)
    calendar.at(TODAY)
    runs_of(1, 1)
    procedure = a_procedure()
    for _ in range(4):
        an_invoice(follow(a_client(), procedure), days_late=1)
    calendar.tick(TODAY)
    assert len(mail_sink.mails) == 4
