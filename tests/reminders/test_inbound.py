"""What comes back, from the mailbox to the books."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from invoices.models import AuditEvent, Contact, EmailState
from reminders.errors import DunningError, NotWaiting
from reminders.gateways.mailbox import MOST_BYTES
from reminders.models import (
    Acknowledgement,
    BlockReason,
    CallTask,
    Consent,
    DunningBlock,
    Inbound,
    Notice,
    Task,
    TaskKind,
)
from reminders.reply_address import answered_by, reply_address
from reminders.services.acknowledging import send_acknowledgements
from reminders.services.dispatch import send_notices
from reminders.services.dunning_run import dunning_run
from reminders.services.inbound import take_in
from reminders.services.reading import read_mailbox
from reminders.services.replies import answer_reply, close_reply, give_to_client
from tests.builders import a_client, a_procedure, an_invoice, an_organisation, fay, follow, slowco
from tests.fakes.mailbox_server import a_mailbox_server
from tests.reminders.rules.inbound import mails

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 9, 12, tzinfo=UTC)
TODAY = date(2026, 6, 10)


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def reminded(clock, mailoutbox):
    """Slowco was reminded; the notice that it answers."""
    an_organisation()
    client = slowco(country="GB")
    follow(client, a_procedure())
    an_invoice(client, days_late=3)
    dunning_run(TODAY)
    send_notices(TODAY)
    return Notice.objects.get()


def message_id(notice: Notice) -> str:
    return notice.message_id


def came(mail, at=NOW) -> Inbound | None:
    return take_in(mail.as_bytes(), at)


def reply(notice: Notice, text: str = "We pay on Friday.", sender: str = "Ann Lee <ap@slowco.example>"):
    return mails.plain(text, From=sender, In_Reply_To=message_id(notice))


def bounce(notice: Notice, to: str = "ap@slowco.example"):
    mail = mails.dsn(to=f"rfc822; {to}").as_bytes().replace(mails.OURS.encode(), message_id(notice).encode())
    return mails.parse(mail)


def test_reply_is_known_by_the_mail_it_answers(reminded):
    row = came(reply(reminded, sender="boss@elsewhere.example"))
    assert (row.kind, row.status, row.matched_by, row.notice) == ("reply", "open", "Message-ID", reminded)
    assert row.client == reminded.client


def test_reply_makes_a_task_and_holds_for_a_limited_time(reminded, clock):
    came(reply(reminded))
    assert Task.objects.get(kind=TaskKind.ANSWER_REPLY).text == "Ann Lee wrote: Re: Invoice INV-00012"
    block = DunningBlock.objects.get()
    assert (block.reason, block.last_on) == (BlockReason.REPLY, date(2026, 6, 17))
    for days, said in ((7, 1), (8, 2)):
        on = TODAY + timedelta(days=days)
        clock.move_to(NOW + timedelta(days=days), tick=False)
        dunning_run(on)
        assert Notice.objects.count() == said, on


def test_reply_is_taken_in_once(reminded):
    mail = reply(reminded)
    assert came(mail) is not None
    assert came(mail) is None
    assert Inbound.objects.count() == DunningBlock.objects.count() == 1


def test_a_second_reply_holds_no_longer_and_asks_no_second_time(reminded):
    came(reply(reminded))
    came(reply(reminded, "And by the way: thanks."))
    assert (Inbound.objects.count(), DunningBlock.objects.count(), Task.objects.count()) == (2, 1, 1)


def test_reply_of_a_stranger_waits_for_somebody_who_knows(reminded):
    row = came(mails.plain("Hello?", From="stranger@nowhere.example"))
    assert (row.client, row.status) == (None, "open")
    assert not DunningBlock.objects.exists()


def test_sender_of_exactly_one_client_is_known(reminded):
    assert came(mails.plain("Hello", From="AP@Slowco.example")).matched_by == "sender"


def test_sender_of_two_clients_is_not_guessed(reminded):
    a_client("TWIN", mail="ap@slowco.example")
    assert came(mails.plain("Hello", From="ap@slowco.example")).client is None


def test_reply_address_names_the_mail_answered(reminded, settings):
    settings.REPLY_ADDRESS = "accounts+{token}@northwind.example"
    to = reply_address("n", reminded.pk).upper()  # some servers change the case
    row = came(mails.plain("Hello", From="stranger@nowhere.example", To=to))
    assert (row.matched_by, row.notice) == ("reply address", reminded)


def test_a_guessed_reply_address_is_worth_nothing(reminded, settings):
    settings.REPLY_ADDRESS = "accounts+{token}@northwind.example"
    good = reply_address("n", reminded.pk)
    other = good.replace(f"n{reminded.pk}-", f"n{reminded.pk + 1}-")
    assert answered_by([other, "accounts+n1@northwind.example", "x@y.example"]) is None
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "k" * 60
    assert answered_by([good]).pk == reminded.pk  # survives a new key


def test_mail_leaves_with_the_reply_address(reminded, settings, mailoutbox):
    settings.REPLY_ADDRESS = "accounts+{token}@northwind.example"
    answer_reply(came(reply(reminded)).pk, "Thank you.", actor=fay())
    send_acknowledgements()
    assert answered_by(mailoutbox[-1].reply_to).kind == "a"


def test_hard_bounce_suspends_the_address_and_asks_for_another(reminded):
    row = came(bounce(reminded))
    assert (row.kind, row.status) == ("hard_bounce", "ignored")
    assert Contact.objects.get(client=reminded.client).email_state == EmailState.BOUNCED
    assert "550 5.1.1 no such user" in Task.objects.get(kind=TaskKind.FIND_CONTACT).text


@pytest.mark.parametrize(
    "forged",
    [
        mails.dsn(to="rfc822; ap@slowco.example"),  # names no mail of ours
        mails.parse(mails.QMAIL.replace("ann@acme", "ap@slowco")),
        mails.parse(mails.QMAIL.replace("ann@acme", "ap@slowco").replace("MAILER-DAEMON@mx.acme", "ap@slowco")),
    ],
)
def test_forged_bounce_changes_nothing(reminded, forged):
    came(forged)
    assert Contact.objects.get(client=reminded.client).email_state == EmailState.OK
    assert not Task.objects.exists()


def test_bounce_of_another_address_than_we_wrote_to_changes_nothing(reminded):
    came(bounce(reminded, to="somebody@else.example"))
    assert Contact.objects.get(client=reminded.client).email_state == EmailState.OK


def test_complaint_ends_mail_at_once(reminded):
    raw = mails.complaint().as_bytes().replace(mails.OURS.encode(), message_id(reminded).encode())
    came(mails.parse(raw.replace(b"ann@acme.example", b"ap@slowco.example")))
    assert Contact.objects.get(client=reminded.client).email_state == EmailState.REFUSED


def test_opt_out_is_honoured_at_once_and_kept_as_evidence(reminded, clock):
    row = came(reply(reminded, "Unsubscribe"))
    assert row.status == "ignored"
    assert Contact.objects.get(client=reminded.client).email_state == EmailState.REFUSED
    assert (Consent.objects.get().is_given, Consent.objects.get().words) == (False, "Wrote: Unsubscribe")
    clock.move_to(NOW + timedelta(days=20), tick=False)
    dunning_run(TODAY + timedelta(days=20))
    send_notices(TODAY + timedelta(days=20))
    assert Notice.objects.filter(status="sent").count() == 1  # the one before


@pytest.mark.parametrize(("subject", "text"), [("Out of office", "Back on Monday"), ("Automatic reply: x", "Thanks")])
def test_machines_are_logged_and_stop_nothing(reminded, subject, text):
    row = came(mails.plain(text, subject, From="ap@slowco.example"))
    assert row.status == "ignored"
    assert not DunningBlock.objects.exists()
    assert not Task.objects.exists()


def test_card_numbers_are_masked_in_what_is_kept_and_shown(reminded):
    row = came(reply(reminded, "Take it from 4242 4242 4242 4242 please."))
    assert "4242 4242 4242" not in row.text + row.full_text
    assert "card ending in 4242" in row.text


def test_answer_goes_out_in_the_thread_and_ends_the_hold(reminded, mailoutbox):
    row = came(
        mails.plain("When?", From="ap@slowco.example", Message_ID="<q@slowco>", In_Reply_To=message_id(reminded))
    )
    answer_reply(row.pk, "By Friday, please.", actor=fay())
    send_acknowledgements()
    mail = mailoutbox[-1]
    assert (mail.to, mail.subject) == (["ap@slowco.example"], "Re: Invoice INV-00012")
    assert "By Friday, please." in mail.body
    assert mail.extra_headers["In-Reply-To"] == "<q@slowco>"
    assert "Auto-Submitted" not in mail.extra_headers
    row.refresh_from_db()
    assert row.status == "done"
    assert not DunningBlock.objects.filter(lifted_at__isnull=True).exists()
    assert Task.objects.get().status == "done"


def test_hold_stays_while_another_reply_waits(reminded):
    first, second = came(reply(reminded)), came(reply(reminded, "One more thing."))
    close_reply(first.pk, outcome="Rang him", actor=fay())
    assert DunningBlock.objects.filter(lifted_at__isnull=True).exists()
    close_reply(second.pk, outcome="Rang him", actor=fay())
    assert not DunningBlock.objects.filter(lifted_at__isnull=True).exists()


def test_reply_is_answered_once(reminded):
    row = came(reply(reminded))
    answer_reply(row.pk, "Thank you.", actor=fay())
    with pytest.raises(NotWaiting, match="done already"):
        answer_reply(row.pk, "Thank you.", actor=fay())
    assert Acknowledgement.objects.count() == 1


def test_reply_of_an_unknown_client_is_not_answered_into_the_blue(reminded):
    row = came(mails.plain("Hello?", From="stranger@nowhere.example"))
    with pytest.raises(DunningError, match="Choose the client first"):
        answer_reply(row.pk, "Thank you.", actor=fay())


def test_mail_given_to_a_client_holds_from_then_on(reminded):
    row = came(mails.plain("Hello?", From="stranger@nowhere.example"))
    give_to_client(row.pk, reminded.client, actor=fay())
    assert DunningBlock.objects.get().client == reminded.client
    assert AuditEvent.objects.filter(verb="reply_assigned").exists()


def test_bounce_then_call_then_letter(reminded, clock):
    """The address is dead: the level by mail waits, a call and a letter do not need it."""
    levels = reminded.level.procedure.levels
    levels.filter(position=2).update(channel="call", days_past_due=4)
    levels.create(position=3, name="Demand", days_past_due=8, channel="letter", template="demand", approval="automatic")
    came(bounce(reminded))
    for days in (3, 7):
        clock.move_to(NOW + timedelta(days=days), tick=False)
        dunning_run(TODAY + timedelta(days=days))
        send_notices(TODAY + timedelta(days=days))
    assert CallTask.objects.get().client == reminded.client
    assert [n.channel for n in Notice.objects.order_by("pk")] == ["email", "call", "letter"]


# --- the mailbox itself ----------------------------------------------------------------------------------------------


@pytest.fixture
def mailbox(settings, reminded):
    with a_mailbox_server() as server:
        settings.IMAP_URL = server.url
        yield server


def test_new_mail_is_taken_in_and_marked_as_read(mailbox, reminded):
    mailbox.add(reply(reminded).as_bytes(), mails.plain("Hi", "Out of office").as_bytes())
    assert read_mailbox() == 2
    assert mailbox.seen == {1, 2}
    assert Inbound.objects.order_by("pk").first().received_at == NOW
    assert read_mailbox() == 0


def test_a_crash_after_keeping_a_mail_reads_it_again_and_keeps_it_once(mailbox, reminded):
    mailbox.add(reply(reminded).as_bytes())
    read_mailbox()
    mailbox.seen.clear()  # as if it had died before marking
    assert read_mailbox() == 0
    assert (Inbound.objects.count(), mailbox.seen) == (1, {1})


def test_a_lost_line_loses_no_mail(mailbox, reminded, caplog):
    mailbox.add(reply(reminded).as_bytes())
    mailbox.is_cut = True
    assert read_mailbox() == 0
    assert "fell silent" in caplog.text
    mailbox.is_cut = False
    assert read_mailbox() == 1


def test_a_wrong_password_is_said_without_it(mailbox, caplog):
    mailbox.password = "changed"
    assert read_mailbox() == 0
    assert "cannot be opened" in caplog.text
    assert "open sesame" not in caplog.text


def test_of_a_huge_mail_only_the_head_is_read(mailbox, reminded):
    mailbox.add(reply(reminded, "x" * (MOST_BYTES + 1)).as_bytes())
    assert read_mailbox() == 1
    assert Inbound.objects.get().client == reminded.client
    assert Inbound.objects.get().full_text == ""


def test_hostile_mails_stop_no_other(mailbox, reminded):
    hostile = [mails.BAD_CHARSET, *(raw.encode() for raw in (mails.BROKEN_MULTIPART, mails.NO_FROM, mails.TWO_FROMS))]
    mailbox.add(*hostile, b"", b"\x00" * 50, reply(reminded).as_bytes())
    read_mailbox()
    assert len(mailbox.seen) == len(mailbox.mails)
    assert Inbound.objects.filter(client=reminded.client).exists()
