"""Level and facts in, words out. No database, no network.

A template is a folder templates/notices/<key>/ with subject.txt, opening.txt and closing.txt; the items stand between.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.template.loader import render_to_string

from invoices.rules.references import link_code


class Early(NamedTuple):
    """A settlement discount that is still open: paying `amount` by `last_on` settles the item."""

    amount: Decimal
    last_on: date


class ItemFacts(NamedTuple):
    """One open item as the client reads it. `amount` is what is asked for."""

    number: str
    issued_on: date
    due_on: date
    days_past_due: int
    total_amount: Decimal
    amount: Decimal
    currency: str
    reference: str = ""
    early: Early | None = None


class InterestFacts(NamedTuple):
    """Interest running on what is overdue, not charged by a document yet. `rate` in percent a year."""

    rate: Decimal
    per_day: Decimal
    amount: Decimal
    currency: str
    law: str


class NoticeFacts(NamedTuple):
    """Everything a notice may say. `overdue` and `upcoming` are in order of their due dates; totals per currency."""

    client_name: str
    client_address: str
    first_name: str
    language: str
    on: date
    overdue: Sequence[ItemFacts]
    upcoming: Sequence[ItemFacts]
    totals: Sequence[tuple[Decimal, str]]
    portal_url: str
    sender: object  # invoices.Organisation
    manager_name: str
    manager_phone: str
    deadline_on: date | None = None
    previous: Sequence[tuple[str, date]] = ()  # names and dates of the notices before
    interest: Sequence[InterestFacts] = ()  # through `on`, per currency and rate

    @property
    def items(self) -> list[ItemFacts]:
        return [*self.overdue, *self.upcoming]


class Words(NamedTuple):
    subject: str
    text: str
    html: str


def compose(template: str, facts: NoticeFacts) -> Words:
    """The subject on one line, the text, and the same as HTML. Raises TemplateDoesNotExist for an unknown key."""
    context = {"facts": facts, "client": facts.client_name, "items": facts.items}
    parts = {
        part: render_to_string(f"notices/{template}/{part}.txt", context).strip() for part in ("opening", "closing")
    }
    subject = " ".join(render_to_string(f"notices/{template}/subject.txt", context).split())
    text = render_to_string("notices/layout.txt", {**context, **parts})
    html = render_to_string("notices/layout.html", {**context, **parts, "subject": subject})
    return Words(subject[:200], text.strip() + "\n", html)


def compose_letter(template: str, facts: NoticeFacts) -> str:
    """The letter as HTML for the printer (gateways.pdf)."""
    code = link_code(facts.portal_url) if facts.portal_url else ""
    return render_to_string(f"letters/{template}.html", {"facts": facts, "code": code})


def compose_cover(notices: Sequence[object], on: date) -> str:
    """The list that lies on top of a print batch, as HTML for the printer."""
    return render_to_string("letters/cover.html", {"notices": notices, "on": on})
