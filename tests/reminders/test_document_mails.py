"""Invoices and credit notes by mail: with the PDF, once a round, and what the words say."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.utils.timezone import localdate

from invoices.models import AuditEvent, Client, Contact, Invoice, Organisation, PaymentTerms
from invoices.rules.crediting import ByAmount
from invoices.services.credit_notes import issue_credit_note
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, void_invoice
from invoices.services.recurring import NewRecurring, create_recurring, start_recurring
from invoices.services.recurring_issuing import issue_recurring
from reminders.errors import DunningError
from reminders.models import Acknowledgement, Task
from reminders.services.acknowledging import claim_next, send_acknowledgements
from reminders.services.document_mails import (
    issue_and_send,
    mailable_contacts,
    mails_about,
    next_round,
    preview_document,
    send_document,
    send_recurring,
)
from tests.builders import a_contact, acme, an_invoice, an_organisation

pytestmark = pytest.mark.django_db
TODAY = localdate()
LINE = NewLine("Hand planes", Decimal(1), Decimal(1000))


@pytest.fixture
def client() -> Client:
    an_organisation(iban="DE02120300000000202051", bic="BYLADEM1001", account_holder="Northwind Ltd")
    return acme()


def a_draft(client: Client, terms: PaymentTerms | None = None) -> Invoice:
    return draft_invoice(client, NewInvoice("GBP", TODAY, terms=terms, reference="PO-7"), [LINE], actor="Fay")


def ids(client: Client) -> list[int]:
    return [contact.pk for contact in mailable_contacts(client.pk)]


def words(row: Acknowledgement) -> str:
    return row.body_text.replace("\u00a0", " ")


def test_accounts_payable_comes_first_then_the_primary_contact(client):
    boss = a_contact(client, "boss@acme.example", role="decision_maker")
    Contact.objects.filter(client=client, is_primary=True).update(role="buyer")
    payable = a_contact(client, "payable@acme.example", role="accounts_payable")
    first = Contact.objects.get(is_primary=True)
    assert mailable_contacts(client.pk) == [payable, first, boss]


@pytest.mark.parametrize(
    "fields", [{"receives_invoices": False}, {"email_state": "bounced"}, {"email": ""}, {"is_active": False}]
)
def test_contact_who_cannot_or_will_not_get_invoices_is_not_offered(client, fields):
    Contact.objects.update(**fields)
    assert mailable_contacts(client.pk) == []


def test_issuing_writes_the_mail_with_what_when_and_how_to_pay(client):
    invoice, sent_to = issue_and_send(a_draft(client).pk, ids(client), actor="Fay")
    row = Acknowledgement.objects.get()
    due_on = f"{invoice.due_on.day} {invoice.due_on:%b %Y}"
    assert (sent_to, row.recipient, row.kind) == (["ap@acme.example"], "ap@acme.example", "invoice")
    assert row.subject.replace("\u00a0", " ") == f"Invoice {invoice.number}: 1,000.00 GBP, due {due_on}"
    for said in (
        f"Please pay by {due_on}.",
        "your reference PO-7",
        "Northwind Ltd, IBAN DE02 1203 0000 0000 2020 51, BIC BYLADEM1001, quoting RF",
        "/p/",
    ):
        assert said in words(row)


def test_discount_is_said_with_its_date_and_amount(client):
    terms = PaymentTerms.objects.create(
        code="2-10", name="2/10", days=30, discount_days=10, discount_percent=Decimal(2)
    )
    issue_and_send(a_draft(client, terms).pk, ids(client), actor="Fay")
    until = TODAY + timedelta(days=10)
    said = f"If you pay by {until.day} {until:%b %Y}, 980.00 GBP settles it."
    assert said in words(Acknowledgement.objects.get())


def test_issuing_without_recipients_writes_no_mail(client):
    assert issue_and_send(a_draft(client).pk, [], actor="Fay")[1] == []
    assert not Acknowledgement.objects.exists()


def test_nothing_is_issued_when_the_mail_cannot_be_written(client):
    draft = a_draft(client)
    with pytest.raises(DunningError, match="with a working e-mail address"):
        issue_and_send(draft.pk, [0], actor="Fay")
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_second_click_of_a_round_sends_nothing_and_says_so(client):
    invoice = an_invoice(client)
    send_document(invoice, ids(client), round=1, actor="Fay")
    with pytest.raises(DunningError, match="This was sent already"):
        send_document(invoice, ids(client), round=1, actor="Fay")
    assert Acknowledgement.objects.count() == 1


def test_sending_again_is_another_round(client):
    invoice = an_invoice(client)
    send_document(invoice, ids(client), round=next_round(invoice), actor="Fay")
    send_document(invoice, ids(client), round=next_round(invoice), actor="Fay")
    assert (mails_about(invoice).count(), next_round(invoice)) == (2, 3)


def test_mails_of_another_invoice_are_not_taken_for_its_own(client):
    send_document(an_invoice(client), ids(client), round=1, actor="Fay")
    assert next_round(an_invoice(client)) == 1


def test_each_chosen_contact_gets_one(client):
    a_contact(client, "two@acme.example")
    assert send_document(an_invoice(client), ids(client), round=1, actor="Fay") == [
        "ap@acme.example",
        "two@acme.example",
    ]


def test_draft_and_void_invoices_are_not_sent(client):
    with pytest.raises(DunningError, match="only an issued one is sent"):
        send_document(a_draft(client), ids(client), round=1, actor="Fay")


def test_preview_changes_nothing_and_hides_the_link(client):
    (contact,) = mailable_contacts(client.pk)
    answer = preview_document(a_draft(client), contact)
    assert "(its number)" in answer.words.text
    assert "/p/" not in answer.words.text
    assert not Acknowledgement.objects.exists()


def test_timeline_says_to_whom(client):
    invoice = an_invoice(client)
    send_document(invoice, ids(client), round=1, actor="Fay")
    assert AuditEvent.objects.get(verb="invoice_sent").text == f"{invoice} mailed to ap@acme.example"


def test_credit_note_says_what_is_left(client):
    invoice = an_invoice(client, amount="100")
    note = issue_credit_note(invoice.pk, what=ByAmount(Decimal(30)), reason="Too much", on=TODAY, actor="Fay")
    send_document(note, ids(client), round=1, actor="Fay")
    text = words(Acknowledgement.objects.get())
    assert f"credit note {note.number} over 30.00 GBP on invoice {invoice}: Too much." in text
    assert "70.00 GBP of the invoice is left to pay" in text


@pytest.mark.django_db(transaction=True)
def test_pdf_is_attached_and_kept_by_its_hash(client):
    invoice = an_invoice(client)
    send_document(invoice, ids(client), round=1, actor="Fay")
    assert send_acknowledgements() == 1
    ((name, content, kind),) = mail.outbox[0].attachments
    assert (name, kind, content[:5]) == (f"{invoice.number}.pdf", "application/pdf", b"%PDF-")
    kept = Acknowledgement.objects.get().facts["attachments"]
    assert kept == [[name, hashlib.sha256(content).hexdigest()]]


@pytest.mark.django_db(transaction=True)
def test_invoice_voided_before_it_left_is_not_sent(client):
    invoice = an_invoice(client)
    send_document(invoice, ids(client), round=1, actor="Fay")
    void_invoice(invoice.pk, reason="Wrong", actor="Fay")
    assert (send_acknowledgements(), mail.outbox) == (0, [])
    row = Acknowledgement.objects.get()
    assert (row.status, row.error) == ("cancelled", f"Invoice {invoice} was voided before it left.")


@pytest.mark.django_db(transaction=True)
def test_kill_switch_holds_back_invoices_but_not_answers(client):
    send_document(an_invoice(client), ids(client), round=1, actor="Fay")
    Acknowledgement.objects.create(client=client, kind="new_link", once_key="new_link:1")
    Organisation.objects.update(is_sending_stopped=True)
    assert (claim_next().kind, claim_next()) == ("new_link", None)


# --- what the scheduler issued


def recurring(client: Client, **fields) -> None:
    new = NewRecurring("Support", "monthly", TODAY, "GBP", **fields)
    start_recurring(create_recurring(client, new, [LINE], actor="Fay").pk, today=TODAY, actor="Fay")
    issue_recurring(TODAY)


def test_recurring_invoice_is_mailed_once_however_often_the_tick_rings(client):
    recurring(client)
    assert [send_recurring() for _ in range(3)] == [1, 0, 0]


def test_draft_of_a_recurring_invoice_is_not_mailed_by_itself(client):
    recurring(client, is_automatic=False)
    draft = Invoice.objects.get()
    issue_and_send(draft.pk, [], actor="Fay")
    assert send_recurring() == 0


def test_recurring_invoice_that_somebody_mailed_already_is_left_alone(client):
    recurring(client)
    send_document(Invoice.objects.get(), ids(client), round=1, actor="Fay")
    assert send_recurring() == 0


def test_recurring_invoice_waits_while_sending_is_stopped(client):
    recurring(client)
    Organisation.objects.update(is_sending_stopped=True)
    assert send_recurring() == 0
    Organisation.objects.update(is_sending_stopped=False)
    assert send_recurring() == 1


def test_client_without_an_address_makes_a_task_and_gets_it_once_there_is_one(client):
    recurring(client)
    Contact.objects.update(email="")
    assert (send_recurring(), send_recurring()) == (0, 0)
    task = Task.objects.get()
    assert task.text == f"Invoice {Invoice.objects.get()} could not be mailed: nobody has a working address."
    a_contact(client, "new@acme.example")
    assert send_recurring() == 1


def test_old_invoices_are_not_mailed_all_of_a_sudden(client):
    recurring(client)
    Invoice.objects.update(created_at="2020-01-01T00:00:00Z")
    assert send_recurring() == 0


def test_invoice_due_today_reads_as_a_date(client):
    invoice = an_invoice(client, due_on=date(2026, 5, 1), issued_on=date(2026, 4, 1))
    send_document(invoice, ids(client), round=1, actor="Fay")
    assert "of 1 Apr 2026 over 100.00 GBP" in words(Acknowledgement.objects.get())
