"""Client pages: a signed link, no login."""

from __future__ import annotations

from django.urls import path

from . import account, entry, pay, say, statements

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
    path("new-link/", entry.new_link, name="new_link"),
    path("leave/", entry.leave, name="leave"),
    # Last: whatever else comes in is taken for a link.
    path("<str:token>/", entry.enter, name="enter"),
]
