"""Client pages: a signed link, no login."""

from __future__ import annotations

from django.urls import path

from . import account, documents, entry, pay, people, plan, preferences, say, statements, step_up, told

app_name = "portal"
urlpatterns = [
    path("", account.overview, name="overview"),
    path("paid/", account.paid, name="paid"),
    path("statements/", statements.statement, name="statement"),
    path("invoices/<int:invoice_id>/", account.invoice, name="invoice"),
    path("invoices/<int:invoice_id>/pdf", account.pdf, name="invoice_pdf"),
    path("credit-notes/<int:credit_note_id>/pdf", account.credit_note_pdf, name="credit_note_pdf"),
    path("invoices/<int:invoice_id>/problem/", say.problem, name="problem"),
    path("promise/", say.promise, name="promise"),
    path("paid-already/", say.paid_already, name="paid_already"),
    path("pay/", pay.start, name="pay"),
    path("payments/<uuid:uuid>/", pay.payment, name="payment"),
    path("payments/<uuid:uuid>/go-on/", pay.resume, name="resume"),
    path("test-payment/<uuid:uuid>/", pay.test_page, name="test_payment"),
    path("pay-in-parts/", plan.pay_in_parts, name="pay_in_parts"),
    path("offers/<int:settlement_id>/accept/", told.accept_offer, name="accept_offer"),
    path("messages/", told.told, name="told"),
    path("messages/question/", told.question, name="question"),
    path("messages/feedback/", told.feedback, name="feedback"),
    path("files/<int:file_id>/", told.dispute_file, name="dispute_file"),
    path("documents/", documents.documents, name="documents"),
    path("documents/welcome.pdf", documents.welcome, name="welcome"),
    path("documents/plans/<int:plan_id>.pdf", documents.plan, name="plan_pdf"),
    path("settings/", preferences.preferences, name="preferences"),
    path("contacts/", people.contacts, name="contacts"),
    path("contacts/new/", people.person, name="contact_new"),
    path("contacts/<int:contact_id>/", people.person, name="contact"),
    path("confirm/", step_up.confirm, name="confirm"),
    path("new-link/", entry.new_link, name="new_link"),
    path("leave/", entry.leave, name="leave"),
    # Last: whatever else comes in is taken for a link.
    path("<str:token>/", entry.enter, name="enter"),
    path("<str:token>/<int:invoice_id>/", entry.enter, name="enter_invoice"),
]
