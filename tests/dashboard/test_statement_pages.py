"""The statement of a client: who may open and send it, what it says, and that the files say the same."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import AuditEvent, Client, Contact
from reminders.models import Acknowledgement
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of
from tests.invoices.test_pdf import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    builders.an_organisation()
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return browser_of(world.fay)


@pytest.fixture
def reader(world: World) -> Browser:
    ray = builders.ray()
    ray.groups.set([Group.objects.get(name="Read-only")])
    return browser_of(ray)


def url_of(client: Client) -> str:
    return reverse("dashboard:statement", args=[client.pk])


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_page_shows_open_items_money_on_account_and_balance(staff: Browser, world: World) -> None:
    text = words(staff.get(url_of(world.slowco)))
    for figure in (world.overdue.number, world.disputed.number, "TRF 1", "1,550.00"):
        assert figure in text


def test_movements_show_the_receipt_once(staff: Browser, world: World) -> None:
    answer = staff.get(url_of(world.slowco), {"layout": "balance_forward", "period": "year"})
    rows = [row for part in answer.context["parts"] for row in part["rows"]]
    assert [row.amount for row in rows if row.what.startswith("Receipt")] == [-250]


def test_reader_may_look_but_is_not_offered_to_send(reader: Browser, world: World) -> None:
    text = words(reader.get(url_of(world.slowco)))
    assert "Statement of account" in text
    assert "Send by mail" not in text


def test_reader_may_not_send(reader: Browser, world: World) -> None:
    assert reader.post(reverse("dashboard:statement_send", args=[world.slowco.pk])).status_code == 403
    assert not Acknowledgement.objects.exists()


def test_stranger_is_asked_to_log_in(world: World) -> None:
    assert Browser().get(url_of(world.slowco)).status_code == 302


def test_client_that_is_not_there_is_not_found(staff: Browser) -> None:
    assert staff.get(reverse("dashboard:statement", args=[999_999])).status_code == 404


@pytest.mark.parametrize(
    ("first_on", "last_on", "said"),
    [
        ("2026-05-02", "2026-05-01", "ends on 01 May 2026, before it begins on 02 May 2026"),
        ("2026-05-02", "", "Give both the first and the last day."),
        ("0001-01-01", "2026-05-01", "before any books"),
        ("yesterday", "2026-05-01", "From: Enter a valid date."),
    ],
)
def test_period_that_is_none_is_said_and_the_usual_one_shown(staff, world, first_on, last_on, said) -> None:
    answer = staff.get(url_of(world.slowco), {"first_on": first_on, "last_on": last_on})
    assert said in words(answer)
    assert answer.context["form"].chosen.last_on == localdate()


def test_mail_shows_what_will_be_sent_and_then_is_written_once(staff: Browser, world: World) -> None:
    mail = staff.get(url_of(world.slowco)).context["mail"]
    send = reverse("dashboard:statement_send", args=[world.slowco.pk])
    chosen = {"period": "quarter", "layout": "open_item"}
    first, second = staff.post(send, chosen, follow=True), staff.post(send, chosen, follow=True)
    row = Acknowledgement.objects.get(kind="statement")
    assert (row.recipient, row.subject) == (mail.contact.email, mail.words.subject)
    assert "leaves within a minute, to ap@slowco.example" in words(first)
    assert "was sent today already" in words(second)
    assert AuditEvent.objects.filter(verb="statement_sent", client=world.slowco, actor=world.fay).count() == 1


def test_client_without_address_offers_a_contact_instead(staff: Browser, world: World) -> None:
    Contact.objects.filter(client=world.slowco).update(email="")
    assert "Nobody at Slowco plc has a working e-mail address" in words(staff.get(url_of(world.slowco)))
    answer = staff.post(reverse("dashboard:statement_send", args=[world.slowco.pk]), follow=True)
    assert "no contact with a working e-mail address" in words(answer)


def test_period_upside_down_is_not_sent(staff: Browser, world: World) -> None:
    send = reverse("dashboard:statement_send", args=[world.slowco.pk])
    answer = staff.post(send, {"first_on": "2026-05-02", "last_on": "2026-05-01"}, follow=True)
    assert "before it begins" in words(answer)
    assert not Acknowledgement.objects.exists()


def test_csv_leads_to_the_balance_of_the_page(staff: Browser, world: World) -> None:
    answer: Any = staff.get(url_of(world.slowco), {"export": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [row["Amount"] for row in rows] == ["600.00", "1000.00", "-50.00"]
    assert (rows[-1]["Balance"], rows[-1]["Currency"]) == ("1550.00", "GBP")


def test_pdf_of_a_past_day_shows_what_was_open_then(staff: Browser, world: World) -> None:
    before = localdate() - timedelta(days=1)
    period = {"first_on": (before - timedelta(days=9)).isoformat(), "last_on": before.isoformat(), "export": "pdf"}
    answer = staff.get(url_of(world.slowco), period)
    assert answer["Content-Type"] == "application/pdf"
    assert "1,800.00" in text_of(answer.content)


def test_client_form_switches_the_monthly_statement(staff: Browser, world: World) -> None:
    edit = reverse("dashboard:client_edit", args=[world.acme.pk])
    form = staff.get(edit).context["form"]
    given = {name: form[name].value() or "" for name in form.fields if form[name].value() is not False}
    staff.post(edit, {**given, "statement_schedule": "monthly"})
    world.acme.refresh_from_db()
    assert world.acme.statement_schedule == "monthly"


def queries_of(staff: Browser, client: Client) -> int:
    with CaptureQueriesContext(connection) as seen:
        staff.get(url_of(client))
    return len(seen)


def test_page_costs_the_same_queries_for_any_length(staff: Browser, world: World) -> None:
    few = queries_of(staff, world.slowco)
    for _ in range(4):
        builders.an_invoice(world.slowco, amount="9", currency="EUR")
    assert queries_of(staff, world.slowco) == few
    assert few <= 20
