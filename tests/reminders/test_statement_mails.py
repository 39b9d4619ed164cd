"""Statements by mail: once per client and month, with the PDF as it was when the words were written."""

from __future__ import annotations

import csv
import hashlib
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core import mail
from pypdf import PdfReader

from invoices.models import Client, Contact, Organisation
from reminders.models import Acknowledgement
from reminders.services import statements
from reminders.services.acknowledging import claim_next, free_stale_claims, send_acknowledgements
from reminders.services.enclosures import attachments_of
from reminders.services.statements import send_statements, statement_files
from tests.builders import a_client, a_receipt, acme, an_invoice, an_organisation, slowco

FIRST = date(2026, 6, 1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    an_organisation()
    client = acme(statement_schedule="monthly")
    an_invoice(client, amount="500", issued_on=date(2026, 5, 4), due_on=date(2026, 5, 20))
    return client


def text_of(content: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def test_statement_of_last_month_is_written_once_however_often_the_tick_rings(client):
    written = [send_statements(FIRST + timedelta(days=n)) for n in range(3)]
    assert written == [1, 0, 0]


def test_next_month_gets_its_own(client):
    assert (send_statements(FIRST), send_statements(date(2026, 7, 1))) == (1, 1)


def test_words_say_balance_and_what_is_overdue(client):
    send_statements(FIRST)
    row = Acknowledgement.objects.get()
    text = row.body_text.replace("\u00a0", " ")
    assert row.subject == "Statement of account at 31 May 2026"
    assert "for 1 May 2026 to 31 May 2026" in text
    assert "the balance was 500.00 GBP; 500.00 GBP of the open items were overdue." in text


def test_client_without_a_schedule_gets_none(client):
    an_invoice(slowco(), amount="9", issued_on=date(2026, 5, 4), due_on=date(2026, 5, 20))
    send_statements(FIRST)
    assert list(Acknowledgement.objects.values_list("client__code", flat=True)) == ["ACME"]


def test_client_with_nothing_to_state_gets_none():
    an_organisation()
    acme(statement_schedule="monthly")
    assert send_statements(FIRST) == 0


def test_client_who_settled_long_ago_gets_none(client):
    a_receipt(client, "500", pays=client.invoices.get(), on=date(2026, 5, 30))
    assert (send_statements(date(2026, 7, 1)), send_statements(FIRST)) == (0, 1)


def test_long_run_goes_on_where_it_ended(client):
    another = slowco(statement_schedule="monthly")
    an_invoice(another, amount="9", issued_on=date(2026, 5, 4), due_on=date(2026, 5, 20))
    assert [send_statements(FIRST, limit=1) for _ in range(3)] == [1, 1, 0]


def test_client_without_an_address_gets_none(client):
    Contact.objects.update(email="")
    assert send_statements(FIRST) == 0


def test_nothing_is_written_while_sending_is_stopped_and_all_of_it_later(client):
    Organisation.objects.update(is_sending_stopped=True)
    assert send_statements(FIRST) == 0
    Organisation.objects.update(is_sending_stopped=False)
    assert send_statements(FIRST + timedelta(days=2)) == 1


@pytest.mark.parametrize(
    ("schedule", "days", "subject"),
    [
        ("weekly", ["2026-05-31", "2026-06-01", "2026-06-05", "2026-06-08"], "Statement of account at 24 May 2026"),
        ("monthly", ["2026-05-31", "2026-06-01", "2026-06-29", "2026-07-01"], None),
        ("quarterly", ["2026-06-30", "2026-07-01", "2026-09-30", "2026-10-01"], None),
    ],
)
def test_each_schedule_gets_one_for_each_period_that_is_over(client, schedule, days, subject):
    Client.objects.update(statement_schedule=schedule)
    written = [send_statements(date.fromisoformat(day)) for day in days]
    assert written == ([1, 1, 0, 1] if schedule == "weekly" else [0, 1, 0, 1])
    if subject:
        assert Acknowledgement.objects.order_by("pk").first().subject == subject


def test_machine_that_was_off_writes_late_in_the_month_too(client):
    assert (send_statements(date(2026, 6, 28)), send_statements(date(2026, 6, 29))) == (1, 0)


def test_layout_is_the_clients_own(client):
    Client.objects.update(statement_layout="balance_forward")
    send_statements(FIRST)
    (file,) = statement_files(Acknowledgement.objects.get())
    assert "Movements in GBP" in text_of(file.content)


def test_more_lines_than_are_printed_come_as_a_file_too(client):
    for _ in range(200):
        an_invoice(client, amount="1", issued_on=date(2026, 5, 5), due_on=date(2026, 5, 21))
    send_statements(FIRST)
    pdf, lines = statement_files(Acknowledgement.objects.get())
    assert (lines.name, lines.content_type) == ("statement-ACME-2026-05-31.csv", "text/csv")
    rows = list(csv.reader(lines.content.decode("utf-8-sig").splitlines()))
    assert (len(rows), rows[-1][-1]) == (202, "700.00")
    assert "the CSV file that comes with it has every one" in " ".join(text_of(pdf.content).split())


def test_run_over_many_clients_goes_by_chunks(client, monkeypatch):
    for n in range(4):
        another = a_client(f"B{n}", statement_schedule="monthly")
        an_invoice(another, amount="9", issued_on=date(2026, 5, 4), due_on=date(2026, 5, 20))
    monkeypatch.setattr(statements, "CHUNK", 2)
    assert [send_statements(FIRST, limit=3), send_statements(FIRST), send_statements(FIRST)] == [3, 2, 0]


def test_pdf_says_what_the_words_say_though_the_books_moved_since(client):
    send_statements(FIRST)
    a_receipt(client, "100", on=date(2026, 5, 30))
    (file,) = statement_files(Acknowledgement.objects.get())
    assert "500.00" in text_of(file.content)
    assert "100.00" not in text_of(file.content)


def test_what_was_attached_is_kept_by_its_hash(client):
    send_statements(FIRST)
    (file,) = attachments_of(Acknowledgement.objects.get())
    kept = Acknowledgement.objects.get().facts["attachments"]
    assert kept == [["statement-ACME-2026-05-31.pdf", hashlib.sha256(file.content).hexdigest()]]


def test_mail_at_which_the_worker_stops_each_time_is_given_up(client):
    send_statements(FIRST)
    Acknowledgement.objects.update(status="sending", attempts=6, claimed_at="2026-01-01T00:00:00Z")
    free_stale_claims()
    assert Acknowledgement.objects.get().status == "failed"


@pytest.mark.django_db(transaction=True)
def test_receipt_is_claimed_before_the_statements(client):
    send_statements(FIRST)
    Acknowledgement.objects.create(client=client, kind="payment_received", once_key="payment:1")
    assert [claim_next().kind for _ in range(2)] == ["payment_received", "statement"]


@pytest.mark.django_db(transaction=True)
def test_mail_arrives_in_the_mailbox(client):
    send_statements(FIRST)
    send_acknowledgements()
    sent = mail.outbox[0]
    assert sent.to == ["ap@acme.example"]
    assert [name for name, *_ in sent.attachments] == ["statement-ACME-2026-05-31.pdf"]
