"""What leaves, what does not, and what nobody knows: against a real mail server."""

from __future__ import annotations

import socket
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoices.models import Client, Contact, Invoice, Organisation
from reminders.models import Notice, NoticeAttachment, NoticeLine, OutgoingStatus, Task
from reminders.services.approvals import cancel_notice
from reminders.services.recovery import settle_unknown
from tests.builders import a_client, a_contact, a_procedure, a_receipt, acme, an_invoice, fay, follow, slowco

TODAY = date(2026, 3, 10)  # a Tuesday


@pytest.fixture
def client(calendar: Any, mail_sink: Any) -> Client:
    """Slowco, on the short procedure: mail at +1 and +7."""
    calendar.at(TODAY)
    return follow(slowco(), a_procedure())


@pytest.fixture
def invoice(client: Client) -> Invoice:
    return an_invoice(client, days_late=1, amount="1234.50")


def reached() -> list[int]:
    lines = NoticeLine.objects.filter(reached_on__isnull=False).order_by("reached_on", "position")
    return list(lines.values_list("position", flat=True))


# --- the words


@pytest.fixture
def mail(calendar: Any, mail_sink: Any, invoice: Invoice) -> Any:
    calendar.tick(TODAY)
    (mail,) = mail_sink.mails
    return mail


def test_mail_has_text_and_html_with_the_same_facts(mail, invoice):
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    for words in ("Dear Ann", invoice.number, "1,234.50", "/p/"):
        assert words in text
        assert words in html


def test_mail_carries_what_programs_need(mail):
    notice = Notice.objects.get()
    assert mail["Message-ID"] == notice.message_id == f"<notice-{notice.reference}@northwind.example>"
    assert mail["Reply-To"] == "accounts@northwind.example"
    assert mail["To"] == "ap@slowco.example"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_words_are_kept_as_they_left(mail):
    notice = Notice.objects.get()
    assert notice.subject == mail["Subject"]
    assert notice.body_text.split() == mail.get_body(("plain",)).get_content().split()


def test_awkward_names_arrive_whole(calendar, mail_sink, client):
    Client.objects.filter(pk=client.pk).update(name='Müller & Söhne "<b>" GmbH')
    Contact.objects.filter(client=client).update(first_name="Zoë <i>")
    an_invoice(client, days_late=1)
    calendar.tick(TODAY)
    text, html = (mail_sink.mails[0].get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Dear Zoë <i>," in text
    assert "Dear Zoë &lt;i&gt;," in html


# --- once, and not to the paid


def test_invoice_paid_before_sending_is_not_reminded(calendar, mail_sink, client, invoice):
    from_plan_to_send(calendar)
    a_receipt(client, "1234.50", pays=invoice)
    calendar.tick(TODAY, 10)
    assert mail_sink.mails == []
    assert Notice.objects.get().error == "Paid in the meantime."


def test_notice_of_a_paid_invoice_says_so_though_another_is_open(calendar, mail_sink, client, invoice):
    an_invoice(client, days_late=-20)
    from_plan_to_send(calendar)
    a_receipt(client, "1234.50", pays=invoice)
    calendar.tick(TODAY, 10)
    assert Notice.objects.get().error == "Paid in the meantime."


def from_plan_to_send(calendar: Any) -> None:
    """Planned, but sending is stopped: the notice waits."""
    Organisation.objects.update(is_sending_stopped=True)
    calendar.tick(TODAY)
    Organisation.objects.update(is_sending_stopped=False)


def test_part_paid_before_sending_asks_for_the_rest(calendar, mail_sink, client, invoice):
    from_plan_to_send(calendar)
    a_receipt(client, "1000.00", pays=invoice)
    calendar.tick(TODAY, 10)
    assert "234.50" in mail_sink.mails[0].get_body(("plain",)).get_content()
    assert NoticeLine.objects.get().amount == Decimal("234.50")


def test_second_tick_on_the_same_day_sends_nothing(calendar, mail_sink, invoice):
    for hour in (9, 10, 11):
        calendar.tick(TODAY, hour)
    assert len(mail_sink.mails) == 1


def test_client_hears_once_a_day_about_all_his_invoices(calendar, mail_sink, client, invoice):
    older = an_invoice(client, days_late=40, amount="10.00")
    early = an_invoice(client, days_late=-3, amount="20.00")
    calendar.tick(TODAY)
    (mail,) = mail_sink.mails
    text = mail.get_body(("plain",)).get_content()
    assert all(each.number in text for each in (invoice, older, early))
    assert sorted(Notice.objects.get().lines.values_list("invoice_id", flat=True)) == [invoice.pk, older.pk]


def test_totals_of_two_currencies_stand_apart(calendar, mail_sink, client, invoice):
    an_invoice(client, days_late=2, amount="50.00", currency="EUR")
    calendar.tick(TODAY)
    text = mail_sink.mails[0].get_body(("plain",)).get_content()
    assert "1,284.50" not in text
    assert "50.00" in text


def test_missed_days_are_caught_up_without_skipping_a_level(calendar, mail_sink, invoice):
    calendar.tick("2026-05-20")
    calendar.tick("2026-05-21")
    assert reached() == [1]
    calendar.tick("2026-05-26")  # the gap of six days runs from the real send
    assert reached() == [1, 2]


def test_invoice_dated_in_the_future_is_chased_when_its_time_comes(calendar, mail_sink, client):
    an_invoice(client, issued_on=date(2026, 4, 1), due_on=date(2026, 4, 10))
    calendar.tick(TODAY)
    client.refresh_from_db()
    assert client.review_on == date(2026, 4, 1)
    calendar.days("2026-04-01", "2026-04-11")
    assert len(mail_sink.mails) == 1


def test_good_payer_hears_nothing(calendar, mail_sink):
    calendar.at("2026-02-02")
    client = acme()
    invoice = an_invoice(client, due_on=date(2026, 3, 4))
    calendar.at("2026-02-20")
    a_receipt(client, "100.00", pays=invoice)
    calendar.days("2026-02-25", "2026-03-05", "2026-03-12")
    assert mail_sink.mails == []


def test_stopped_sending_keeps_every_notice(calendar, mail_sink, invoice):
    Organisation.objects.update(is_sending_stopped=True)
    calendar.tick(TODAY)
    assert mail_sink.mails == []
    assert Notice.objects.get().status == OutgoingStatus.APPROVED


def test_notice_that_waited_too_long_is_planned_afresh(calendar, mail_sink, invoice):
    from_plan_to_send(calendar)
    calendar.tick("2026-03-16")  # three business days after the 10th is the 13th
    old, new = Notice.objects.order_by("pk")
    assert old.error == "Too late to send: it was to leave by Fri 13 March 2026."
    assert new.status == OutgoingStatus.SENT


def test_cancelled_notice_comes_back_on_another_day_only(calendar, mail_sink, invoice):
    from_plan_to_send(calendar)
    cancel_notice(Notice.objects.get().pk, reason="Rang them just now", actor=fay())
    calendar.tick(TODAY, 11)
    assert mail_sink.mails == []
    calendar.tick("2026-03-11")
    assert len(mail_sink.mails) == 1


# --- refused, failed, unknown


def test_refused_address_does_not_count_as_reached_and_waits_for_another(calendar, mail_sink, client, invoice):
    mail_sink.refusals["ap@slowco.example"] = "550 5.1.1 No such user"
    calendar.days("2026-03-10", "2026-03-11", "2026-03-12")
    assert Notice.objects.get().status == OutgoingStatus.FAILED
    assert reached() == []
    task = Task.objects.get(kind="find_contact")
    assert "550 5.1.1 No such user" in task.text
    a_contact(client, "new@slowco.example")
    calendar.tick("2026-03-18")
    assert mail_sink.recipients == ["new@slowco.example"]
    assert reached() == [1]


def test_second_contact_is_written_to_when_the_first_is_refused(calendar, mail_sink, client, invoice):
    mail_sink.refusals["ap@slowco.example"] = "550 No such user"
    a_contact(client, "cfo@slowco.example")
    calendar.days("2026-03-10", "2026-03-11")
    assert mail_sink.recipients == ["cfo@slowco.example"]


def test_client_without_any_address_gets_a_task_for_us(calendar, mail_sink):
    calendar.at(TODAY)
    an_invoice(follow(a_client("NOMAIL", mail=""), a_procedure()), days_late=1)
    calendar.days("2026-03-10", "2026-03-11")
    assert Task.objects.get(kind="find_contact").text == "No working mail address is known."
    assert Notice.objects.get().status == OutgoingStatus.FAILED


def test_wrong_number_does_not_stop_mail(calendar, mail_sink, client, invoice):
    Task.objects.create(client=client, kind="find_contact", due_on=TODAY, text="The number we have is wrong.")
    calendar.tick(TODAY)
    assert len(mail_sink.mails) == 1


def test_busy_mailbox_is_tried_again_with_growing_pauses(calendar, mail_sink, invoice):
    mail_sink.refusals["ap@slowco.example"] = "452 Mailbox full"
    calendar.tick(TODAY, 9)
    calendar.tick(TODAY, 9, 4)  # the first pause is five minutes
    notice = Notice.objects.get()
    assert (notice.status, notice.attempts) == (OutgoingStatus.APPROVED, 1)
    mail_sink.refusals.clear()
    calendar.tick(TODAY, 9, 6)
    assert len(mail_sink.mails) == 1


def test_busy_for_ever_is_given_up_with_a_task(calendar, mail_sink, invoice):
    mail_sink.refusals["ap@slowco.example"] = "452 Mailbox full"
    for hour, minute in ((8, 0), (8, 10), (8, 45), (11, 0), (20, 0)):
        calendar.tick(TODAY, hour, minute)
    assert Notice.objects.get().status == OutgoingStatus.FAILED
    assert "452" in Task.objects.get(kind="find_contact").text
    assert reached() == []


def test_mail_refused_for_its_words_does_not_spoil_the_address(calendar, mail_sink, invoice):
    mail_sink.answer = "554 5.7.1 Looks like spam"
    calendar.tick(TODAY)
    assert Notice.objects.get().status == OutgoingStatus.FAILED
    assert Contact.objects.get().email_state == "ok"


def test_unreachable_mail_server_costs_no_attempt_and_one_try_for_all(calendar, mail_sink, client, invoice, settings):
    other = an_invoice(follow(acme(), a_procedure()), days_late=1)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT, port = closed.getsockname()[1], settings.EMAIL_PORT
        calendar.tick(TODAY)
    assert set(Notice.objects.values_list("status", "attempts")) == {(OutgoingStatus.APPROVED, 0)}
    assert Notice.objects.filter(error__startswith="The mail server cannot be reached").count() == 1
    settings.EMAIL_PORT = port
    calendar.tick(TODAY, 10)
    assert len(mail_sink.mails) == 2
    assert other.is_open


def test_line_cut_after_the_words_waits_for_a_person(calendar, mail_sink, client, invoice):
    mail_sink.is_cut = True
    calendar.tick(TODAY)
    mail_sink.is_cut = False
    calendar.days("2026-03-11", "2026-03-12", "2026-03-17", "2026-03-30")
    assert Notice.objects.get().status == OutgoingStatus.UNKNOWN
    assert len(mail_sink.mails) == 1


def test_unknown_that_was_sent_counts_from_the_day_it_left(calendar, mail_sink, client, invoice):
    mail_sink.is_cut = True
    calendar.tick(TODAY)
    mail_sink.is_cut = False
    calendar.at("2026-03-13")
    settle_unknown(Notice.objects.get().pk, was_sent=True, actor=fay())
    assert NoticeLine.objects.get().reached_on == TODAY
    calendar.tick("2026-03-16")  # +7 is due six days after the 10th, not after the 13th
    assert reached() == [1, 2]


def test_unknown_that_was_not_sent_goes_again(calendar, mail_sink, client, invoice):
    mail_sink.is_cut = True
    calendar.tick(TODAY)
    mail_sink.is_cut = False
    settle_unknown(Notice.objects.get().pk, was_sent=False, actor=fay())
    calendar.tick(TODAY, 10)
    assert len(mail_sink.mails) == 2
    assert reached() == [1]


def test_address_that_cannot_be_written_stops_nobody_else(calendar, mail_sink, client, invoice):
    Contact.objects.filter(client=client).update(email="ap@slowco.example\nBcc: all@example.org")
    an_invoice(follow(acme(), a_procedure()), days_late=1)
    calendar.tick(TODAY)
    assert mail_sink.recipients == ["ap@acme.example"]
    assert Notice.objects.get(client=client).status == OutgoingStatus.FAILED


def test_second_attempt_keeps_one_set_of_attachments(calendar, mail_sink, client):
    levels = [{"days_past_due": 1, "attaches_invoices": True}]
    an_invoice(follow(client, a_procedure(levels)), days_late=1)
    mail_sink.refusals["ap@slowco.example"] = "452 Later"
    calendar.tick(TODAY)
    mail_sink.refusals.clear()
    calendar.tick(TODAY, 10)
    assert NoticeAttachment.objects.count() == 1
    assert len(list(mail_sink.mails[0].iter_attachments())) == 1
