"""The welcome letter of a new client: facts in, HTML for the printer out. No database, no network."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import override

from invoices.rules.references import link_code
from invoices.rules.schedule import Schedule


class WelcomeFacts(NamedTuple):
    """What the letter says. `example` is an invoice of today under the client's terms; days count from the due date."""

    sender: object  # invoices.Organisation
    on: date
    client_name: str
    client_address: str
    client_code: str
    first_name: str
    language: str
    invoices_to: str
    example: Schedule
    terms_name: str
    iban: str
    transfer_reference: str
    portal_url: str
    manager_name: str
    manager_email: str
    manager_phone: str
    has_note_before: bool = False
    reminded_after: int | None = None
    called_after: int | None = None
    law: str = ""  # of the interest on late invoices; empty: none is charged


def welcome_html(facts: WelcomeFacts) -> str:
    with override("en"):
        code = link_code(facts.portal_url) if facts.portal_url else ""
        return render_to_string("letters/welcome.html", {"facts": facts, "sender": facts.sender, "code": code})
