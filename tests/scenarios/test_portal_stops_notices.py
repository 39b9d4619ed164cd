"""What a client does in the portal one second before a notice would leave stops it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client as Browser

from invoices.models import Client, Contact, Invoice, Organisation, Payment
from reminders import tasks
from reminders.links import portal_token
from reminders.models import Notice, OutgoingStatus
from tests.builders import a_procedure, an_invoice, follow, slowco

TODAY = date(2026, 3, 10)  # a Tuesday
SOON = (TODAY + timedelta(days=3)).isoformat()


@pytest.fixture
def client(calendar: Any, mail_sink: Any) -> Client:
    cache.clear()
    Organisation.objects.update(currency="GBP")
    calendar.at(TODAY)
    return follow(slowco(), a_procedure())


@pytest.fixture
def invoice(client: Client) -> Invoice:
    return an_invoice(client, days_late=1, amount="300.00")


@pytest.fixture
def ann(client: Client) -> Browser:
    browser = Browser()
    assert browser.get(f"/p/{portal_token(client.contacts.get())}/").status_code == 302
    return browser


def pays(ann: Browser, invoice: Invoice) -> Any:
    ann.post("/p/pay/", {"currency": "GBP", "choice": "selected", "invoice": invoice.pk})
    return ann.post(f"/p/test-payment/{Payment.objects.get().uuid}/", {"button": "pay"})


def promises(ann: Browser, invoice: Invoice) -> Any:
    return ann.post("/p/promise/", {"invoice": invoice.pk, "promised_on": SOON})


def disputes(ann: Browser, invoice: Invoice) -> Any:
    return ann.post(f"/p/invoices/{invoice.pk}/problem/", {"reason": "quality", "amount": "300.00"})


def agrees_a_plan(ann: Browser, invoice: Invoice) -> Any:
    form = {"invoice": invoice.pk, "parts": 3, "frequency": "monthly", "first_on": SOON, "step": "agree"}
    return ann.post("/p/pay-in-parts/", form)


def asks_for_a_plan(ann: Browser, invoice: Invoice) -> Any:
    form = {"invoice": invoice.pk, "parts": 24, "frequency": "monthly", "first_on": SOON, "step": "ask"}
    return ann.post("/p/pay-in-parts/", form)


def says_paid(ann: Browser, invoice: Invoice) -> Any:
    return ann.post("/p/paid-already/", {"invoice": invoice.pk, "paid_on": TODAY.isoformat()})


def asks(ann: Browser, invoice: Invoice) -> Any:
    return ann.post("/p/messages/question/", {"text": "Which order is this?"})


def unsubscribes(ann: Browser, invoice: Invoice) -> Any:
    return ann.post("/p/settings/", {"receives_invoices": "on", "receives_statements": "on", "language": ""})


def told(mail_sink: Any) -> list[str]:
    return [mail["Subject"] for mail in mail_sink.mails if "notice-" in str(mail["Message-ID"])]


@pytest.mark.parametrize(
    "acts", [pays, promises, disputes, agrees_a_plan, asks_for_a_plan, says_paid, asks, unsubscribes]
)
def test_what_a_client_does_a_second_before_stops_the_notice(
    calendar: Any, mail_sink: Any, ann: Browser, invoice: Invoice, acts: Callable[[Browser, Invoice], Any]
) -> None:
    tasks.dunning_run()
    assert Notice.objects.get().status == OutgoingStatus.APPROVED
    assert acts(ann, invoice).status_code == 302
    tasks.send_notices()
    assert told(mail_sink) == []
    assert Notice.objects.get().status == OutgoingStatus.CANCELLED
    assert Client.objects.get().review_on is None or Client.objects.get().review_on <= TODAY


def test_without_it_the_notice_leaves(calendar: Any, mail_sink: Any, ann: Browser, invoice: Invoice) -> None:
    tasks.dunning_run()
    ann.get("/p/")
    tasks.send_notices()
    assert len(told(mail_sink)) == 1


def test_unsubscribed_from_reminders_means_that_none_leaves_by_mail(
    calendar: Any, mail_sink: Any, ann: Browser, invoice: Invoice
) -> None:
    unsubscribes(ann, invoice)
    for day in range(30):
        calendar.tick(TODAY + timedelta(days=day))
    assert told(mail_sink) == []
    assert not Contact.objects.get().receives_reminders
