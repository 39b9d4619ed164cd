"""Slowco does not pay: from the friendly mail to the decision, by the procedure that ships.

Invoice of 2026-02-02, due Wednesday 2026-03-04. Its levels: -5 business days, +1, +7, +10 (call), +21, +30 and +45
(letters), +60 (decision); three days between contacts, business days only.
"""

from __future__ import annotations

import hashlib
import io
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader

from invoices.models import Invoice
from reminders.models import CallTask, Notice, NoticeLine, Task
from reminders.services.approvals import approve, letters_to_print, mark_posted, print_batch
from tests.builders import an_invoice, fay, slowco

DUE = date(2026, 3, 4)


@pytest.fixture
def invoice(calendar: Any, mail_sink: Any) -> Invoice:
    calendar.at("2026-02-02")
    return an_invoice(slowco(address="1 Late Lane\nLondon"), due_on=DUE, amount="1587.35")


def levels() -> list[tuple[int, str]]:
    """(position, date it counts from) of every level reached."""
    lines = NoticeLine.objects.filter(reached_on__isnull=False).order_by("position")
    return [(line.position, line.reached_on.isoformat()) for line in lines]


def test_friendly_mail_goes_out_before_the_due_date(calendar, mail_sink, invoice):
    calendar.days("2026-02-24", "2026-02-25", "2026-02-26")
    assert levels() == [(1, "2026-02-25")]
    assert mail_sink.recipients == ["ap@slowco.example"]


def test_mails_follow_as_the_days_go_by(calendar, mail_sink, invoice):
    calendar.days("2026-02-25", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-10", "2026-03-11", "2026-03-12")
    assert levels() == [(1, "2026-02-25"), (2, "2026-03-05"), (3, "2026-03-11")]
    assert len(mail_sink.mails) == 3


def test_call_is_a_task_for_a_person(calendar, mail_sink, invoice):
    # +10 is a Saturday, so the call is made on Monday.
    calendar.days("2026-02-25", "2026-03-05", "2026-03-11", "2026-03-14", "2026-03-16")
    assert CallTask.objects.get().due_on == date(2026, 3, 16)
    assert len(mail_sink.mails) == 3


def test_account_manager_encloses_the_invoice(calendar, mail_sink, invoice):
    calendar.days("2026-02-25", "2026-03-05", "2026-03-11", "2026-03-16", "2026-03-27")
    (file,) = mail_sink.mails[-1].iter_attachments()
    text = PdfReader(io.BytesIO(file.get_content())).pages[0].extract_text()
    assert file.get_filename() == f"{invoice.number}.pdf"
    assert "1,587.35" in text


@pytest.fixture
def demanded(calendar: Any, mail_sink: Any, invoice: Invoice) -> Notice:
    """The demand letter, approved and made on 7 April, after Easter (though no country is known: weekends only)."""
    calendar.days("2026-02-25", "2026-03-05", "2026-03-11", "2026-03-16", "2026-03-27", "2026-04-07")
    letter = Notice.objects.get(status="proposed")
    approve(letter.pk, actor=fay())
    calendar.tick("2026-04-07", 10)
    return letters_to_print()[0]


def test_letter_waits_for_approval(calendar, mail_sink, invoice):
    calendar.days("2026-02-25", "2026-03-05", "2026-03-11", "2026-03-16", "2026-03-27", "2026-04-07", "2026-04-08")
    assert Notice.objects.get(channel="letter").status == "proposed"
    assert levels()[-1][0] == 5


def test_letter_says_who_how_much_and_until_when_and_is_kept_as_made(demanded, invoice):
    text = " ".join(print_pages([demanded])[0].split())
    for words in ("Slowco plc", "1 Late Lane", invoice.number, "1,587.35", "17 Apr 2026", "Northwind Tools"):
        assert words in text
    kept = list(demanded.attachments.order_by("id"))
    assert [each.name for each in kept] == ["formal-demand-2026-04-07.pdf", f"{invoice.number}.pdf"]
    for attachment in kept:
        with attachment.file.open() as file:
            assert hashlib.sha256(file.read()).hexdigest() == attachment.sha256


def test_letter_does_not_say_that_we_wrote_when_we_rang(demanded):
    assert "call on" not in print_pages([demanded])[0]


def test_letter_counts_from_the_day_it_was_posted(calendar, demanded):
    calendar.tick("2026-04-08")
    assert levels()[-1][0] == 5  # made and printed, but not posted
    mark_posted([demanded.pk], actor=fay())
    assert levels()[-1] == (6, "2026-04-08")


def test_story_ends_with_a_decision(calendar, mail_sink, demanded):
    mark_posted([demanded.pk], actor=fay())
    calendar.days("2026-04-17", "2026-04-22")  # deadline 17 April; +45 - +30 after the real post is the 22nd
    final = Notice.objects.get(status="proposed")
    approve(final.pk, actor=fay())
    calendar.tick("2026-04-22", 10)
    mark_posted([final.pk], actor=fay())
    calendar.days("2026-05-06", "2026-05-07", "2026-05-08")
    assert [position for position, _ in levels()] == list(range(1, 9))
    assert Task.objects.get(kind="decide").due_on == date(2026, 5, 7)
    sent = len(mail_sink.mails)
    calendar.days("2026-06-01", "2026-09-01")
    assert (len(mail_sink.mails), Notice.objects.count()) == (sent, 8)  # nothing more, ever


def print_pages(notices: list[Notice]) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(print_batch(notices))).pages]
