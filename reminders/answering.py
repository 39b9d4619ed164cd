"""Facts in, the words of an acknowledgement out. No database, no network.

Subject and body are texts of staff or shipped ones (`shipped`); head, list and foot are a layout of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.translation import override

from invoices.gateways.words import words_of

from .composing import Words
from .naming import answer_names, greeting
from .rules.texts import Edited, Texts
from .rules.wording import rendered
from .shipped import shipped_answer


class AnswerLine(NamedTuple):
    """One invoice that the answer is about, and the amount that concerns it."""

    number: str
    amount: Decimal


class AnswerBalance(NamedTuple):
    """One currency of a statement: what is owed at its end (negative: in the client's favour), and overdue of it."""

    currency: str
    closing: Decimal
    overdue: Decimal


class AnswerDue(NamedTuple):
    """One part of an invoice in parts."""

    due_on: date
    amount: Decimal


class AnswerFacts(NamedTuple):
    """What an acknowledgement may say. `left` is what the client still owes in `currency`, None where not said."""

    client_name: str
    first_name: str
    sender: object  # invoices.Organisation
    portal_url: str
    on: date
    manager_name: str = ""
    manager_phone: str = ""
    amount: Decimal = Decimal(0)
    currency: str = ""
    reference: str = ""
    lines: Sequence[AnswerLine] = ()
    on_account: Decimal = Decimal(0)
    left: Decimal | None = None
    promised_on: date | None = None  # of a promise or instalment; the new due date of a deferral
    reason: str = ""
    comment: str = ""
    link_days: int = 0
    is_test: bool = False
    first_on: date | None = None
    last_on: date | None = None
    layout: str = ""
    balances: Sequence[AnswerBalance] = ()
    # An invoice or a credit note, and how to pay it.
    document_id: int = 0
    number: str = ""
    issued_on: date | None = None
    due_on: date | None = None
    dues: Sequence[AnswerDue] = ()
    discount_until: date | None = None
    discounted_amount: Decimal | None = None
    iban: str = ""
    transfer_reference: str = ""
    taken_off: Decimal = Decimal(0)
    open_amount: Decimal = Decimal(0)
    # A welcome.
    in_reply_to: str = ""  # no word of the mail: the header that keeps a thread together
    invoices_to: str = ""
    terms_name: str = ""
    # The reader, and the texts of staff in his language that take the place of shipped ones.
    language: str = "en"
    full_name: str = ""
    edited: Edited = {}


def compose_answer(kind: str, facts: AnswerFacts) -> Words:
    """In the reader's language, or in English. Raises TemplateDoesNotExist for an unknown kind."""
    texts = facts.edited.get((kind, "email")) or shipped_answer(kind, facts.language)
    if texts is None:
        raise TemplateDoesNotExist(f"notices/acknowledgements/{kind}/en/body.txt (see reminders/shipped.py)")
    return compose_answer_mail(texts, facts)


def compose_answer_mail(texts: Texts, facts: AnswerFacts) -> Words:
    """Raises WordingError for a text that cannot be filled in."""
    language = texts.language
    names = answer_names(facts, language)
    context = {
        "facts": facts,
        "words": words_of(language),
        "language": language,
        "greeting": greeting(facts.first_name, facts.full_name, facts.client_name, language=language),
        "subject": " ".join(rendered(texts.subject, names).split()),
        "body": rendered(texts.opening, names),
    }
    with override(language):
        text = render_to_string("notices/acknowledgements/layout.txt", context)
        html = render_to_string("notices/acknowledgements/layout.html", context)
    return Words(context["subject"][:200], text.strip() + "\n", html, language)
