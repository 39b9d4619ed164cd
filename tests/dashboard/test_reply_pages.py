from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from invoices.models import EmailState
from reminders.models import Inbound
from reminders.services.inbound import take_in
from tests.builders import a_client, an_organisation, fay, slowco
from tests.dashboard.ledger_world import browser_of
from tests.reminders.rules.inbound import mails

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(time_machine):
    time_machine.move_to(datetime(2026, 6, 10, 9, 12, tzinfo=UTC), tick=False)
    an_organisation()
    slowco()
    hostile = "<script>alert(1)</script> When do you deliver?"
    return take_in(mails.plain(hostile, From="Ann Lee <ap@slowco.example>").as_bytes(), datetime.now(UTC))


@pytest.fixture
def staff(row):
    return browser_of(fay())


def test_list_shows_what_waits(staff, row):
    page = staff.get(reverse("dashboard:replies")).content.decode()
    assert "Ann Lee" in page
    assert "Slowco plc" in page


def test_page_shows_the_words_as_words(staff, row):
    page = staff.get(reverse("dashboard:reply", args=[row.pk])).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; When do you deliver?" in page
    assert "<script>alert" not in page


def test_answer_leaves_and_closes(staff, row):
    staff.post(reverse("dashboard:reply_answer", args=[row.pk]), {"text": "On Friday."})
    row.refresh_from_db()
    assert (row.status, row.outcome) == ("done", "Answered: On Friday.")


@pytest.mark.parametrize(
    ("name", "field"), [("reply_answer", "text"), ("reply_close", "outcome"), ("reply_give", "client")]
)
def test_empty_input_is_asked_for_again(staff, row, name, field):
    answer = staff.post(reverse(f"dashboard:{name}", args=[row.pk]), {field: " "})
    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()


def test_an_unknown_client_is_named(staff, row):
    answer = staff.post(reverse("dashboard:reply_give", args=[row.pk]), {"client": "NOBODY"})
    assert "No client has the code or name “NOBODY”" in answer.content.decode()


def test_mail_can_be_given_to_another_client(staff, row):
    other = a_client("OTHER")
    staff.post(reverse("dashboard:reply_give", args=[row.pk]), {"client": "other"})
    assert Inbound.objects.get().client == other


def test_answer_without_an_address_keeps_the_words(staff, row):
    row.client.contacts.update(email_state=EmailState.BOUNCED, email="")
    answer = staff.post(reverse("dashboard:reply_answer", args=[row.pk]), {"text": "On Friday."})
    assert answer.status_code == 422
    assert "On Friday." in answer.content.decode()
    assert Inbound.objects.get().status == "open"


@pytest.mark.parametrize("name", ["reply_answer", "reply_close", "reply_give"])
def test_looking_changes_nothing(staff, row, name):
    assert staff.get(reverse(f"dashboard:{name}", args=[row.pk])).status_code == 302
    assert Inbound.objects.get().status == "open"


def test_the_mail_as_it_came_is_a_download(staff, row):
    answer = staff.get(reverse("dashboard:reply_mail", args=[row.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="mail-{row.pk}.eml"'
    assert b"When do you deliver?" in b"".join(answer.streaming_content)
    answer.close()
