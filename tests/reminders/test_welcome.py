"""The welcome letter: once by mail, on one page, with the terms as dates."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core import mail
from django.utils.timezone import localdate, now
from pypdf import PdfReader

from invoices.models import AuditEvent, Client, Contact
from reminders.errors import DunningError
from reminders.models import Acknowledgement
from reminders.services.acknowledging import send_acknowledgements
from reminders.services.welcome import is_new, preview_welcome, send_welcome, welcome_pdf
from tests.builders import a_procedure, acme, an_organisation, fay, follow

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    an_organisation(iban="DE02120300000000202051", phone="+44 20 7946 0001")
    user = fay()
    user.first_name, user.last_name, user.phone = "Fay", "Holloway", "+44 20 7946 0101"
    user.save(update_fields=["first_name", "last_name", "phone"])
    return acme(account_manager=user, late_charge_rule="uk-1998", country="GB")


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def test_letter_is_mailed_once(client):
    assert send_welcome(client.pk, actor="Fay") == "ap@acme.example"
    with pytest.raises(DunningError, match="was sent already"):
        send_welcome(client.pk, actor="Fay")
    assert AuditEvent.objects.get(verb="welcome_sent").text == "Welcome letter mailed to ap@acme.example"


def test_mail_says_where_invoices_go_terms_as_a_date_and_whom_to_call(client):
    send_welcome(client.pk, actor="Fay")
    text = Acknowledgement.objects.get().body_text
    due_on = localdate() + timedelta(days=30)
    for said in (
        "to ap@acme.example",
        f"would be due on {due_on.day} {due_on:%b %Y}",
        "Fay Holloway on +44 20 7946 0101",
    ):
        assert said in text


def test_letter_fits_one_page_and_says_how_to_pay_and_what_happens_when_late(client):
    follow(client, a_procedure())
    content = welcome_pdf(client)
    text = text_of(content)
    assert len(PdfReader(BytesIO(content)).pages) == 1
    for said in (
        "DE02 1203 0000 0000 2020 51",
        "Reference RF",
        "a reminder follows 1 day after it",
        "Interest on late payment may be charged",
        "Fay Holloway looks after your account: +44 20 7946 0101",
    ):
        assert said in text


def test_client_without_manager_or_address_gets_a_letter_that_says_so():
    an_organisation(email="accounts@northwind.example")
    text = text_of(welcome_pdf(acme(mail="")))
    assert "Tell us an e-mail address" in text
    assert "Our accounts team, accounts@northwind.example" in text


def test_without_an_address_there_is_nothing_to_preview_or_send(client):
    Contact.objects.update(email="")
    assert preview_welcome(client) is None
    with pytest.raises(DunningError, match="Add one, or post the letter"):
        send_welcome(client.pk, actor="Fay")


def test_preview_changes_nothing_and_hides_the_link(client):
    assert "/p/" not in preview_welcome(client).words.text
    assert not Acknowledgement.objects.exists()


def test_client_is_new_until_welcomed_or_a_month_has_gone(client):
    assert is_new(client)
    client.created_at = now() - timedelta(days=31)
    assert not is_new(client)
    client.created_at = now()
    send_welcome(client.pk, actor="Fay")
    assert not is_new(client)


@pytest.mark.django_db(transaction=True)
def test_letter_goes_with_the_mail(client):
    send_welcome(client.pk, actor="Fay")
    send_acknowledgements()
    ((name, content, _),) = mail.outbox[0].attachments
    assert (name, content[:5]) == ("welcome.pdf", b"%PDF-")
