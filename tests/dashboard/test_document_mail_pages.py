"""Sending invoices, credit notes and the welcome letter from their pages: seen first, then sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from invoices.models import Contact
from invoices.rules.crediting import ByAmount
from invoices.services.credit_notes import issue_credit_note
from reminders.models import Acknowledgement
from tests import builders
from tests.dashboard.ledger_world import World, a_world, browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    builders.an_organisation()
    return a_world()


@pytest.fixture
def fays(world: World) -> Any:
    return browser_of(world.fay)


def url(name: str, pk: int) -> str:
    return reverse(f"dashboard:{name}", args=[pk])


def text_of(answer: Any) -> str:
    return answer.content.decode().replace("\u00a0", " ")


def contact_of(client: Any) -> str:
    return str(Contact.objects.get(client=client).pk)


def test_issue_page_offers_the_mail_and_shows_its_words(fays, world):
    said = text_of(fays.get(url("invoice_issue", world.draft.pk)))
    assert "ap@slowco.example" in said
    assert "Please find attached invoice (its number)" in said
    assert "checked" in said


def test_issue_and_send_does_both(fays, world):
    data = {"contacts": [contact_of(world.slowco)]}
    answer = fays.post(url("invoice_issue", world.draft.pk), data, follow=True)
    assert "It leaves within a minute, to ap@slowco.example." in text_of(answer)
    assert Acknowledgement.objects.get().kind == "invoice"


def test_issue_alone_sends_nothing(fays, world):
    fays.post(url("invoice_issue", world.draft.pk))
    world.draft.refresh_from_db()
    assert (world.draft.status, Acknowledgement.objects.count()) == ("issued", 0)


def test_invoice_page_says_to_whom_it_went_and_offers_to_send_again(fays, world):
    data = {"contacts": [contact_of(world.slowco)], "round": "1"}
    answer = fays.post(url("invoice_send", world.overdue.pk), data, follow=True)
    assert "Send again…" in text_of(answer)
    Acknowledgement.objects.update(status="failed", error="Mail to ap@slowco.example was refused: 550")
    assert "was refused: 550" in text_of(fays.get(url("invoice", world.overdue.pk)))


def test_second_click_is_not_a_second_mail_but_the_page_opened_again_is(fays, world):
    page = url("invoice_send", world.overdue.pk)
    data = {"contacts": [contact_of(world.slowco)], "round": "1"}
    fays.post(page, data)
    assert "This was sent already" in text_of(fays.post(page, data, follow=True))
    form = fays.get(page).context["form"]
    fays.post(page, {**data, "round": str(form.initial["round"])})
    assert Acknowledgement.objects.count() == 2


def test_sending_to_nobody_is_refused_with_a_sentence(fays, world):
    answer = fays.post(url("invoice_send", world.overdue.pk), {"round": "1"}, follow=True)
    assert "Choose a contact of Slowco plc with a working e-mail address." in text_of(answer)


def test_draft_is_not_sent(fays, world):
    answer = fays.get(url("invoice_send", world.draft.pk), follow=True)
    assert "A draft is not sent. Issue it first." in text_of(answer)


def test_client_without_an_address_is_told_where_to_add_one(fays, world):
    Contact.objects.update(email="")
    assert "Add a contact" in text_of(fays.get(url("invoice_send", world.overdue.pk)))
    assert "It is not mailed" in text_of(fays.get(url("invoice_issue", world.draft.pk)))


def test_credit_note_is_sent_from_its_page(fays, world):
    what = ByAmount(Decimal(10))
    note = issue_credit_note(world.overdue.pk, what=what, reason="Too much", on=localdate(), actor="Fay")
    assert "Too much" in text_of(fays.get(url("credit_note_send", note.pk)))
    data = {"contacts": [contact_of(world.slowco)], "round": "1"}
    answer = fays.post(url("credit_note_send", note.pk), data, follow=True)
    assert "Send again…" in text_of(answer)
    assert Acknowledgement.objects.get().kind == "credit_note"


def test_new_client_is_offered_the_welcome_letter_once(fays, world):
    client_page = url("client", world.acme.pk)
    assert "Send welcome letter" in text_of(fays.get(client_page))
    assert "Welcome, and thank you" in text_of(fays.get(url("welcome", world.acme.pk)))
    answer = fays.post(url("welcome_send", world.acme.pk), follow=True)
    assert "Send welcome letter" not in text_of(answer)
    assert "Welcome letter mailed to ap@acme.example" in text_of(answer)
    again = fays.post(url("welcome_send", world.acme.pk), follow=True)
    assert "was sent already" in text_of(again)


def test_welcome_letter_can_be_downloaded_without_an_address(fays, world):
    Contact.objects.update(email="")
    answer = fays.get(url("welcome_pdf", world.acme.pk))
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")


@pytest.mark.parametrize("name", ["welcome", "welcome_send"])
def test_reader_does_not_send_welcomes(world, name):
    assert browser_of(builders.ray()).post(url(name, world.acme.pk)).status_code == 403


def test_reader_does_not_send_invoices(world):
    assert browser_of(builders.ray()).get(url("invoice_send", world.overdue.pk)).status_code == 403
