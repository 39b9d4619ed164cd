"""Credit: a newcomer from application to first invoice, and a client over its limit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from invoices.models import Client, CreditPolicy
from invoices.services.clients import create_client
from invoices.services.credit import (
    Grant,
    add_reference,
    answer_reference,
    apply_for_credit,
    grant_credit,
    set_credit_limit,
)
from reminders.services.document_mails import mailable_contacts, send_document
from reminders.services.welcome import send_welcome

from ..stage import Stage

NAME = "Quayside Print Collective"
REFERENCES = (
    ("Harrow Timber & Board Ltd", "Pays within terms, three years, up to 6,000 GBP."),
    ("Tidewater Inks", "One invoice nine days late in two years."),
)


def _newcomer(stage: Stage) -> Client:
    values = {
        "code": "C2001",
        "name": NAME,
        "legal_name": f"{NAME} Ltd",
        "currency": "GBP",
        "language": "en",
        "country": "GB",
        "time_zone": "Europe/London",
        "address": f"{NAME} Ltd\n7 Canal Wharf\nLeeds LS1 0AB",
        "account_manager": stage.tom,
    }
    contact = {
        "name": "Ada Fenwick",
        "first_name": "Ada",
        "role": "accounts_payable",
        "email": "ada.fenwick@quayside-print-collective.example",
        "phone": "+44 113 496 0177",
    }
    return create_client(values, contact=contact, actor=stage.tom)


def newcomer(stage: Stage) -> Iterator[date]:
    client = _newcomer(stage)
    asked = {
        "asked_amount": Decimal(8000),
        "asked_by": "Ada Fenwick",
        "registration_number": "00000017",
        "trading_since": 2019,
        "checks": "Register: active, accounts filed in time. No judgments.",
    }
    application = apply_for_credit(client.pk, asked, actor=stage.tom)
    references = [add_reference(application.pk, name=name, actor=stage.tom) for name, _ in REFERENCES]
    yield stage.in_days(4)
    for row, (_, answer) in zip(references, REFERENCES, strict=True):
        answer_reference(row.pk, answer=answer, answered_on=stage.day, actor=stage.tom)
    note = "Good references and filed accounts; start lower and look again after the first quarter."
    review_on = stage.in_days(90)
    grant_credit(application.pk, Grant(Decimal(5000), CreditPolicy.STOP, note, review_on), actor=stage.manager)
    send_welcome(client.pk, actor=stage.tom)
    yield stage.in_days(3)
    invoice = stage.issue(client, "Opening order: paper, inks and racks", "1940.00", terms="net30")
    send_document(invoice, [mailable_contacts(client.pk)[0].pk], round=1, actor=stage.tom)


def over_the_limit(stage: Stage) -> Iterator[date]:
    """Its limit warns and does not stop; the day to look at it again has come."""
    client = stage.client()
    note = "As before, until the new accounts are filed."
    grant = Grant(Decimal(2000), CreditPolicy.WARN, note, stage.in_days(50))
    set_credit_limit(client.pk, grant, actor=stage.manager)
    yield stage.day + timedelta(days=35)
    stage.issue(client, "Drafting tables, oak", "2226.00", terms="net30")
