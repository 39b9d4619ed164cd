"""Staff and what clients send through the portal: the queue, the answer, the diff, files, feedback, visits."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import now

from invoices.models import ClientRequest, Contact, Feedback, PortalView, RequestKind
from invoices.services.dispute_files import attach_files
from invoices.services.disputes import open_dispute
from invoices.services.feedback import give_feedback
from reminders.links import portal_token
from reminders.models import Acknowledgement
from reminders.services.contact_requests import change_data
from reminders.services.requests import ask
from tests.builders import a_client, an_invoice, an_organisation, fay, ray, slowco
from tests.dashboard.ledger_world import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact() -> Contact:
    an_organisation()
    return slowco().contacts.get()


@pytest.fixture
def staff(contact):
    return browser_of(fay())


@pytest.fixture
def question(contact) -> ClientRequest:
    return ask(contact, RequestKind.QUESTION, "<script>alert(1)</script> Which order?")


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


def answered(browser, row, **fields):
    return browser.post(reverse("dashboard:request_answer", args=[row.pk]), {"verdict": "done", **fields})


def test_queue_shows_what_waits_and_the_words_as_words(staff, question):
    text = text_of(staff.get(reverse("dashboard:requests")))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Which order?" in text
    assert "<script>alert" not in text
    assert "Slowco plc" in text


def test_answer_leaves_by_mail_and_takes_it_off_the_queue(staff, question):
    assert answered(staff, question, text="Order 4711.").status_code == 302
    assert "Order 4711." in Acknowledgement.objects.get(kind="request_answered").body_text
    assert "Which order?" not in text_of(staff.get(reverse("dashboard:requests")))
    assert "Order 4711." in text_of(staff.get(reverse("dashboard:request", args=[question.pk])))


def test_answer_without_words_or_to_what_was_answered_is_told(staff, question):
    assert "needs some words" in text_of(answered(staff, question, text=" "))
    answered(staff, question, text="Yes.")
    again = staff.get(answered(staff, question, text="Yes.").url)
    assert "This request is done already." in text_of(again)


def test_readers_look_and_do_not_answer(question):
    browser = browser_of(ray())
    assert browser.get(reverse("dashboard:request", args=[question.pk])).status_code == 200
    assert answered(browser, question, text="Yes.").status_code == 403


def a_change(contact: Contact) -> ClientRequest:
    data = change_data(contact, {"email": "new@slowco.example", "receives_reminders": False})
    return ask(contact, RequestKind.CONTACTS, "", data=data, summary="Mail address")


def test_change_of_contacts_is_shown_as_a_difference(staff, contact):
    row = a_change(contact)
    Contact.objects.update(email="moved@slowco.example")
    text = text_of(staff.get(reverse("dashboard:request", args=[row.pk])))
    assert "moved@slowco.example" in text
    assert "<strong>new@slowco.example</strong>" in text
    assert "changed since" in text
    assert "Accept the change" in text


@pytest.mark.parametrize(("verdict", "email"), [("done", "new@slowco.example"), ("refuse", "ap@slowco.example")])
def test_change_holds_when_accepted_and_not_when_refused(staff, contact, verdict, email):
    row = a_change(contact)
    staff.post(reverse("dashboard:request_answer", args=[row.pk]), {"verdict": verdict, "text": "We rang you."})
    assert Contact.objects.get().email == email


def test_file_of_a_dispute_is_a_download_of_that_dispute_only(staff, contact):
    invoice = an_invoice(contact.client)
    dispute = open_dispute(invoice.pk, amount=invoice.open_amount, reason="price", opened_by="Ann", actor="Ann")
    (file,) = attach_files(dispute.pk, [("note.pdf", b"%PDF-1.7")], sent_by="Ann", actor="Ann")
    assert "note.pdf" in text_of(staff.get(reverse("dashboard:dispute", args=[dispute.pk])))
    assert staff.get(reverse("dashboard:dispute_file", args=[dispute.pk + 1, file.pk])).status_code == 404
    answer = staff.get(reverse("dashboard:dispute_file", args=[dispute.pk, file.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="note.pdf"'
    answer.close()  # last: this also closes the connection to the database


def test_feedback_is_counted_by_reason_and_listed(staff, contact):
    other = a_client("OTHER").contacts.get()
    give_feedback(contact, about="dispute 1", reason="cash", text="A slow quarter.")
    give_feedback(contact, about="dispute 2", reason="cash")
    give_feedback(other, about="settlement 1", reason="approval")
    text = text_of(staff.get(reverse("dashboard:feedback")))
    assert "<dt>Money was short</dt><dd>2</dd><dt>Approval took long on our side</dt><dd>1</dd>" in text
    assert "A slow quarter." in text
    assert Feedback.objects.count() == 3


def test_visits_stand_on_the_timeline(staff, contact):
    PortalView.objects.create(client=contact.client, contact=contact, page="pay_in_parts", hour_at=now())
    url = reverse("dashboard:client_timeline", args=[contact.client_id])
    assert "Looked at the portal: pay in parts" in text_of(staff.get(url, {"kind": "visits"}))


def test_links_of_a_contact_end_and_a_new_one_is_mailed(staff, contact):
    old = portal_token(contact)
    url = reverse("dashboard:contact_links", args=[contact.pk])
    assert "stop working at once" in text_of(staff.get(url))
    assert Browser().get(f"/p/{old}/").status_code == 302
    staff.post(url, {"has_new_link": "on"})
    assert Browser().get(f"/p/{old}/").status_code == 403
    fresh = Acknowledgement.objects.get(kind="new_link").body_text.split("/p/")[1].split("/")[0]
    assert Browser().get(f"/p/{fresh}/").status_code == 302


def test_reader_cannot_end_links(contact):
    assert browser_of(ray()).post(reverse("dashboard:contact_links", args=[contact.pk])).status_code == 403
