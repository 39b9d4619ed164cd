"""Level and facts in, words out, in the reader's language. No database, no network.

Subject, opening and closing are texts of staff or shipped ones (`shipped`); the items stand between, in our layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.translation import override

from invoices.gateways.words import words_of
from invoices.rules.references import link_code

from .naming import before_said, greeting, interest_said, notice_names
from .rules.texts import Edited, Texts
from .rules.wording import rendered
from .shipped import shipped


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
    project: str = ""


class PaymentFacts(NamedTuple):
    """Money that reached us."""

    amount: Decimal
    currency: str
    on: date


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
    full_name: str = ""
    last_payment: PaymentFacts | None = None
    paid_since: Sequence[tuple[Decimal, str]] = ()  # per currency, since the notice before
    new_since: Sequence[tuple[Decimal, str]] = ()  # overdue now, not when the notice before went out
    has_copies: bool = False
    edited: Edited = {}  # texts of staff that take the place of shipped ones

    @property
    def items(self) -> list[ItemFacts]:
        return [*self.overdue, *self.upcoming]


class Words(NamedTuple):
    subject: str
    text: str
    html: str
    language: str = "en"


def texts_of(template: str, channel: str, facts: NoticeFacts) -> Texts:
    """What staff wrote, else what ships, in the reader's language or in English. Raises TemplateDoesNotExist."""
    texts = facts.edited.get((template, channel)) or shipped(template, channel, facts.language)
    if texts is None:
        raise TemplateDoesNotExist(f"notices/{template}")
    return texts


def compose(template: str, facts: NoticeFacts) -> Words:
    """The subject on one line, the text, and the same as HTML. Raises TemplateDoesNotExist for an unknown key."""
    return compose_mail(texts_of(template, "email", facts), facts)


def compose_mail(texts: Texts, facts: NoticeFacts) -> Words:
    """Raises WordingError for a text that cannot be filled in."""
    context = _context(texts, facts, greets=greeting(*_reader(facts), language=texts.language))
    with override(texts.language):
        text = render_to_string("notices/layout.txt", context)
        html = render_to_string("notices/layout.html", context)
    return Words(context["subject"][:200], text.strip() + "\n", html, texts.language)


def compose_sms(template: str, facts: NoticeFacts) -> str:
    """The text message."""
    return compose_text(texts_of(template, "sms", facts), facts)


def compose_text(texts: Texts, facts: NoticeFacts) -> str:
    """On one line, without the characters that would make it twice as long for nothing."""
    said = rendered(texts.opening, notice_names(facts, texts.language))
    return " ".join(said.replace("’", "'").split())


def compose_letter(template: str, facts: NoticeFacts) -> str:
    """The letter as HTML for the printer (gateways.pdf)."""
    return compose_page(texts_of(template, "letter", facts), facts)


def compose_page(texts: Texts, facts: NoticeFacts) -> str:
    greets = greeting(*_reader(facts), language=texts.language, is_letter=True)
    context = _context(texts, facts, greets=greets)
    context["code"] = link_code(facts.portal_url) if facts.portal_url else ""
    with override(texts.language):
        return render_to_string("letters/letter.html", context)


def _reader(facts: NoticeFacts) -> tuple[str, str, str]:
    return facts.first_name, facts.full_name, facts.client_name


def _context(texts: Texts, facts: NoticeFacts, *, greets: str) -> dict[str, Any]:
    names = notice_names(facts, texts.language)
    return {
        "facts": facts,
        "words": words_of(texts.language),
        "language": texts.language,
        "greeting": greets,
        "subject": " ".join(rendered(texts.subject, names).split()),
        "opening": rendered(texts.opening, names),
        "closing": rendered(texts.closing, names),
        "interest": interest_said(facts.interest, texts.language),
        "before": before_said([on for _, on in facts.previous], texts.language),
    }


def compose_cover(notices: Sequence[object], on: date) -> str:
    """The list that lies on top of a print batch, as HTML for the printer."""
    return render_to_string("letters/cover.html", {"notices": notices, "on": on})
