"""A settlement keeps its items silent, is told by mail, and lapses by itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoices.models import Client, Invoice, Settlement
from invoices.rules.crediting import Whole
from invoices.services.credit_notes import issue_credit_note
from invoices.services.settlements import NewSettlement, ask_settlement
from reminders import tasks
from reminders.models import Acknowledgement, Notice, Task
from reminders.services.explaining import explain_client
from tests.builders import a_procedure, a_receipt, an_invoice, an_organisation, follow, slowco

TODAY = date(2026, 3, 10)  # a Tuesday
LAST = date(2026, 3, 20)


@pytest.fixture
def client(calendar: Any, mail_sink: Any) -> Client:
    an_organisation(currency="GBP", settlement_percent=50)
    calendar.at(TODAY)
    return follow(slowco(), a_procedure())


@pytest.fixture
def invoice(client: Client) -> Invoice:
    return an_invoice(client, days_late=1)


@pytest.fixture
def offer(client: Client, invoice: Invoice) -> Settlement:
    return ask_settlement(client, NewSettlement([invoice.pk], Decimal("80.00"), LAST, "In trouble"), actor="Fay")


def test_items_under_an_offer_are_silent_through_its_last_day(calendar, mail_sink, client, offer):
    calendar.days("2026-03-10", "2026-03-16", "2026-03-20")
    assert not Notice.objects.exists()
    client.refresh_from_db()
    assert client.review_on == date(2026, 3, 21)


def test_why_panel_names_the_offer(client, offer):
    text = " ".join(explain_client(client.pk, TODAY).reasons)
    assert "can be settled by paying 80.00 GBP until Fri 20 March 2026" in text


def test_lapsed_offer_is_chased_again_and_somebody_decides(calendar, mail_sink, client, offer):
    calendar.days("2026-03-10")
    calendar.at("2026-03-23")
    tasks.lapse_settlements()
    tasks.lapse_settlements()
    calendar.days("2026-03-23")
    assert Notice.objects.count() == 1
    assert Task.objects.get().kind == "decide"


def test_offer_on_what_was_credited_meanwhile_lapses_without_a_task(calendar, client, invoice, offer):
    issue_credit_note(invoice.pk, what=Whole(), reason="Returned", actor="Fay")
    calendar.at("2026-03-23")
    tasks.lapse_settlements()
    offer.refresh_from_db()
    assert (offer.status, Task.objects.count()) == ("lapsed", 0)


def test_client_is_told_of_the_offer_once(calendar, offer):
    tasks.send_acknowledgements()
    tasks.send_acknowledgements()
    row = Acknowledgement.objects.get()
    text = row.body_text.replace("\u00a0", " ")
    assert row.kind == "settlement_offered"
    assert "80.00 GBP instead of 100.00 GBP" in text
    assert "by 20 Mar" in text


def test_client_is_told_that_it_is_settled(calendar, client, invoice, offer):
    tasks.send_acknowledgements()
    a_receipt(client, "80.00", pays=invoice)
    tasks.send_acknowledgements()
    kinds = set(Acknowledgement.objects.values_list("kind", flat=True))
    assert kinds == {"settlement_offered", "settlement_paid"}
    paid = Acknowledgement.objects.get(kind="settlement_paid")
    assert "settled in full" in paid.body_text
