"""Questions, preferences, contacts, offers and feedback: what a client does for himself beside paying."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import localdate

from invoices.models import Client, ClientRequest, Contact, Dispute, Feedback, Organisation, PortalView, Settlement
from invoices.services.disputes import close_dispute, open_dispute
from invoices.services.settlements import NewSettlement, ask_settlement
from reminders.links import portal_url
from reminders.models import Acknowledgement, Consent, DunningBlock, Task
from reminders.services.acknowledging import send_acknowledgements
from reminders.services.requests import answer_request
from reminders.services.statements import send_statements
from tests.builders import fay
from tests.invoices.payment_stories import a_client, an_invoice
from tests.portal.test_pages import text_of
from tests.portal.test_step_up import ask_for_code, give

ALL_ON = {"receives_invoices": "on", "receives_reminders": "on", "receives_statements": "on", "language": ""}


def set_to(ann, **fields):
    return ann.post("/p/settings/", {name: value for name, value in {**ALL_ON, **fields}.items() if value is not None})


# --- questions


def test_question_is_kept_acknowledged_and_holds_automatic_steps(ann, acme, invoice):
    Client.objects.update(review_on=localdate() + timedelta(days=30))
    ann.post(f"/p/messages/question/?invoice={invoice.pk}", {"text": "Which order is this?"})
    row, mail, block = ClientRequest.objects.get(), Acknowledgement.objects.get(), DunningBlock.objects.get()
    assert row.text == f"About invoice {invoice}: Which order is this?"
    assert (mail.kind, Task.objects.get().kind, block.reason) == ("request_received", "client_request", "reply")
    assert Client.objects.get().review_on == localdate()


def test_answer_goes_by_mail_stands_in_the_portal_and_ends_the_silence(ann, acme, invoice):
    ann.post("/p/messages/question/", {"text": "Which order is this?"})
    answer_request(ClientRequest.objects.get().pk, "Order 4711.", actor=fay())
    mail = Acknowledgement.objects.get(kind="request_answered")
    assert "Order 4711." in mail.body_text
    assert "Order 4711." in text_of(ann.get("/p/messages/"))
    assert DunningBlock.objects.get().lifted_at
    assert Task.objects.get().status == "done"


def test_asking_again_does_not_prolong_the_silence(ann, invoice):
    for _ in range(3):
        ann.post("/p/messages/question/", {"text": "And now?"})
    assert (ClientRequest.objects.count(), DunningBlock.objects.count()) == (3, 1)


def test_sixth_open_question_waits(ann, invoice):
    statuses = [ann.post("/p/messages/question/", {"text": f"Question {n}"}).status_code for n in range(6)]
    assert statuses == [302] * 5 + [400]


@pytest.mark.parametrize("text", ["", "  ", "\x00", "x" * 2001])
def test_question_without_words_or_with_too_many_is_refused(ann, text):
    assert ann.post("/p/messages/question/", {"text": text}).status_code == 400


def test_card_number_in_a_question_is_masked(ann):
    ann.post("/p/messages/question/", {"text": "Take it from 4111 1111 1111 1111"})
    assert "4111 1111" not in ClientRequest.objects.get().text


# --- preferences


def test_consent_to_text_messages_is_kept_with_its_words(ann, acme):
    Contact.objects.update(phone="+49 170 1234567")
    set_to(ann, has_sms_consent="on")
    consent = Consent.objects.get()
    assert (consent.channel, consent.is_given, consent.how, consent.address) == ("sms", True, "Portal", "127.0.0.1")
    assert "I agree to text messages" in consent.words
    set_to(ann)
    assert [row.is_given for row in Consent.objects.all()] == [False, True]
    assert not Contact.objects.get().has_sms_consent


def test_text_messages_need_a_number(ann):
    assert "no number" in set_to(ann, has_sms_consent="on").content.decode()


def test_monthly_statement_takes_the_place_of_single_reminders(ann, acme):
    set_to(ann, is_monthly="on", receives_statements=None)
    contact = Contact.objects.get()
    assert (contact.receives_reminders, contact.receives_statements) == (False, True)
    assert Client.objects.get().statement_schedule == "monthly"
    set_to(ann)
    assert (Contact.objects.get().receives_reminders, Client.objects.get().statement_schedule) == (True, "never")


def test_invoices_have_to_reach_somebody(ann, acme):
    assert "Invoices have to reach somebody." in set_to(ann, receives_invoices=None).content.decode()
    Contact.objects.create(client=acme, email="two@acme.example")
    assert set_to(ann, receives_invoices=None).status_code == 302


def test_statement_leaves_only_for_who_wants_it(ann, acme, invoice):
    Client.objects.update(statement_schedule="monthly")
    set_to(ann, is_monthly="on", receives_statements="on")
    Contact.objects.update(receives_statements=False)
    assert send_statements(localdate()) == 0


def test_mail_that_was_written_before_the_wish_does_not_leave(ann, acme, invoice):
    row = Acknowledgement.objects.create(
        client=acme,
        contact=acme.contacts.get(),
        kind="statement",
        once_key="statement:1:2026-05",
        recipient="ap@acme.example",
        facts={},
    )
    set_to(ann, receives_statements=None)
    send_acknowledgements()
    row.refresh_from_db()
    assert (row.status, row.error) == ("cancelled", "Ann Lee wants no statement of account by mail any more.")


def test_looking_at_settings_shows_what_holds(ann):
    set_to(ann, language="de", refuses_calls="on")
    page = ann.get("/p/settings/").content.decode()
    assert '<option value="de" selected>' in page
    assert Contact.objects.get().refuses_calls


# --- contacts


@pytest.fixture
def sure(ann):
    give(ann, ask_for_code(ann))
    return ann


def new_address(sure, acme, **fields):
    given = {"name": "Ann Lee", "first_name": "Ann", "role": "accounts_payable", "email": "new@acme.example"}
    return sure.post(f"/p/contacts/{acme.contacts.get().pk}/", {**given, **ALL_ON, **fields})


def test_change_of_contacts_waits_for_us(sure, acme):
    assert new_address(sure, acme).status_code == 302
    row = ClientRequest.objects.get()
    assert (row.kind, row.data["after"]) == ("contacts", {"email": "new@acme.example"})
    assert Contact.objects.get().email == "ap@acme.example"
    assert not DunningBlock.objects.exists()


def test_accepted_change_holds_ends_old_links_and_the_old_address_is_told(sure, acme):
    new_address(sure, acme)
    answer_request(ClientRequest.objects.get().pk, "", actor=fay())
    contact = Contact.objects.get()
    assert (contact.email, contact.portal_version) == ("new@acme.example", 2)
    assert Acknowledgement.objects.get(kind="request_answered").recipient == "ap@acme.example"
    assert sure.get("/p/").status_code == 403


def test_refused_change_changes_nothing(sure, acme):
    new_address(sure, acme)
    answer_request(ClientRequest.objects.get().pk, "Please ring us first.", actor=fay(), is_refused=True)
    assert Contact.objects.get().email == "ap@acme.example"


def test_new_person_is_added_when_accepted(sure, acme):
    given = {"name": "Bo Chen", "role": "buyer", "email": "bo@acme.example", "receives_invoices": "on"}
    sure.post("/p/contacts/new/", given)
    answer_request(ClientRequest.objects.get().pk, "Welcome.", actor=fay())
    assert Contact.objects.get(name="Bo Chen").client == acme


def test_same_data_again_is_no_request(sure, acme):
    answer = new_address(sure, acme, email="ap@acme.example")
    assert "Nothing is different" in answer.content.decode()


def test_contact_of_another_client_does_not_exist(sure):
    other = a_client("SLOWCO", "Slowco").contacts.get()
    assert sure.get(f"/p/contacts/{other.pk}/").status_code == 404
    assert sure.post(f"/p/contacts/{other.pk}/", ALL_ON).status_code == 404


def test_contacts_cannot_be_changed_without_the_code(ann, acme):
    assert new_address(ann, acme).status_code == 302
    assert not ClientRequest.objects.exists()


# --- offers


@pytest.fixture
def offer(acme, invoice) -> Settlement:
    Organisation.objects.update(currency="EUR")
    new = NewSettlement([invoice.pk], Decimal("95.00"), localdate() + timedelta(days=10), "Goodwill")
    return ask_settlement(acme, new, actor=fay())


def test_offer_is_accepted_once_said_and_confirmed(ann, offer):
    ann.post(f"/p/offers/{offer.pk}/accept/")
    offer.refresh_from_db()
    mail = Acknowledgement.objects.get(kind="request_received")
    assert (offer.agreed_by, mail.subject) == ("Ann Lee", "You accepted our offer")
    assert "Accepted by Ann Lee" in text_of(ann.get("/p/"))


def test_offer_that_is_over_or_foreign_cannot_be_accepted(ann, offer):
    Settlement.objects.update(status="withdrawn")
    assert ann.post(f"/p/offers/{offer.pk}/accept/").status_code == 400
    assert ann.post("/p/offers/999999/accept/").status_code == 400
    assert not Acknowledgement.objects.filter(kind="request_received").exists()


# --- feedback


@pytest.fixture
def dispute(invoice) -> Dispute:
    row = open_dispute(invoice.pk, amount=Decimal(10), reason="price", opened_by="Ann", actor="Ann")
    return close_dispute(row.pk, status="rejected", outcome="As agreed.", actor="Fay")


def test_feedback_is_given_once_after_a_dispute(ann, dispute):
    assert "What made it hard to pay in time?" in text_of(ann.get("/p/messages/"))
    form = {"about": f"dispute {dispute.pk}", "reason": "approval", "text": "Two signatures."}
    assert ann.post("/p/messages/feedback/", form).status_code == 302
    assert ann.post("/p/messages/feedback/", form).status_code == 404
    assert Feedback.objects.get().reason == "approval"
    assert "What made it hard" not in text_of(ann.get("/p/messages/"))


@pytest.mark.parametrize("about", ["", "dispute 0", "settlement 1", "dispute 1 OR 1=1"])
def test_feedback_about_nothing_of_ours_does_not_exist(ann, about):
    assert ann.post("/p/messages/feedback/", {"about": about, "reason": "cash"}).status_code == 404


# --- links and looking


def test_link_of_an_invoice_leads_to_it(acme, invoice, client):
    assert client.get(link_of(acme, invoice)).url == f"/p/invoices/{invoice.pk}/"
    assert client.get(f"/p/invoices/{invoice.pk}/").status_code == 200


def link_of(acme, invoice) -> str:
    return "/p/" + portal_url(acme.contacts.get(), invoice.pk).split("/p/")[1]


def test_link_to_a_foreign_invoice_ends_at_404(acme, client):
    other = an_invoice(a_client("SLOWCO", "Slowco"))
    assert client.get(link_of(acme, other), follow=True).status_code == 404


def test_visit_is_noted_once_per_page_and_hour(ann, acme):
    for _ in range(10):
        ann.get("/p/")
        ann.get("/p/messages/")
    assert sorted(PortalView.objects.values_list("page", flat=True)) == ["overview", "told"]


def test_documents_are_there_to_take(ann, invoice):
    assert "How we bill, and how to pay" in text_of(ann.get("/p/documents/"))
    assert ann.get("/p/documents/welcome.pdf").content.startswith(b"%PDF")
    assert ann.get("/p/documents/plans/1.pdf").status_code == 404
