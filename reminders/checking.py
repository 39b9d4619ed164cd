"""A message as its reader sees it, for the lint. No database, no network."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from html import unescape
from importlib.resources import files
from re import sub
from typing import Any

from invoices.gateways.words import document_language

from .answering import AnswerFacts, compose_answer_mail
from .composing import NoticeFacts, compose_mail, compose_page, compose_text
from .naming import answer_names, notice_names, sums
from .rules.lint import LETTERS, Finding, Told, contradicts, lint
from .rules.sms import MOST_SEGMENTS, measure
from .rules.speech import say_day, say_money
from .rules.texts import Texts
from .rules.wording import rendered


@cache
def lists(language: str) -> Mapping[str, Any]:
    """The words to look for, of the language that a reader of `language` is written to."""
    path = files("reminders") / "data" / "lint" / f"{document_language(language)}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def findings(key: str, channel: str, texts: Texts, facts: NoticeFacts) -> list[Finding]:
    """What the lint says of a notice in these words. Raises WordingError for texts that cannot be filled in."""
    told = _told(key, channel, texts, facts)
    found = lint(told, lists(texts.language))
    if wrong := contradicts(told.own, told.totals, [*told.amounts, *_other_amounts(facts, texts.language)]):
        text = f"The text says {wrong[0]}, which is none of the figures of this message."
        found.insert(0, Finding("contradiction", text))
    if channel == "sms" and (size := measure(told.text)).segments > MOST_SEGMENTS:
        text = f"The text message takes {size.segments} segments; {MOST_SEGMENTS} are the most."
        found.insert(0, Finding("long_sms", text))
    return found


def answer_findings(texts: Texts, facts: AnswerFacts) -> list[Finding]:
    """The same of an acknowledgement."""
    words = compose_answer_mail(texts, facts)
    own = rendered(texts.opening, answer_names(facts, texts.language))
    return lint(Told(words.subject, words.text, own), lists(texts.language))


def _page_text(texts: Texts, facts: NoticeFacts) -> str:
    """The letter as it reads; the link in its QR code reads as well as a printed one."""
    text = _plain(compose_page(texts, facts))
    return text if not facts.portal_url or facts.portal_url in text else f"{text}\n{facts.portal_url}"


def _told(key: str, channel: str, texts: Texts, facts: NoticeFacts) -> Told:
    names, language = notice_names(facts, texts.language), texts.language
    own = "\n".join(rendered(part, names) for part in (texts.opening, texts.closing))
    subject = " ".join(rendered(texts.subject, names).split())
    sender: Any = facts.sender
    amounts = [say_money(item.amount, item.currency, language) for item in facts.items]
    totals = [say_money(amount, currency, language) for amount, currency in facts.totals]
    if channel == "sms":
        text = compose_text(texts, facts)
        own = text.replace(facts.portal_url, "") if facts.portal_url else text
        return Told("", text, own, amounts=amounts, totals=totals)
    is_letter = channel == "letter"
    text = _page_text(texts, facts) if is_letter else compose_mail(texts, facts).text
    return Told(
        subject=subject,
        text=text,
        own=own,
        # A mail goes beside the letter, which has it all.
        kind=key if is_letter and key in LETTERS else "",
        sender=sender.legal_name or sender.name,
        client=facts.client_name,
        date=say_day(facts.on, language),
        deadline=say_day(facts.deadline_on, language) if facts.deadline_on else "",
        amounts=amounts,
        totals=totals,
        ways_to_pay=(sender.iban, facts.portal_url),
    )


def _other_amounts(facts: NoticeFacts, language: str) -> list[str]:
    found = [*facts.paid_since, *facts.new_since]
    found += [(value, one.currency) for one in facts.interest for value in (one.amount, one.per_day)]
    found += [(item.total_amount, item.currency) for item in facts.items]
    if facts.last_payment:
        found.append((facts.last_payment.amount, facts.last_payment.currency))
    return [sums([one], language) for one in found]


def _plain(html: str) -> str:
    body = sub(r"(?s)<(style|svg|head)\b.*?</\1>", " ", html)
    return unescape(sub(r"<[^>]+>", " ", body))
