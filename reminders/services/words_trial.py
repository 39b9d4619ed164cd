"""Texts tried on a real client: as mail, letter and text message side by side, and as a mail to oneself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from difflib import ndiff
from typing import NamedTuple

from django.utils.timezone import localdate

from invoices.models import Client, Invoice
from invoices.queries.organisation import organisation
from invoices.rules.ageing import days_past_due
from invoices.services.charging import accruing_interest

from ..answering import compose_answer_mail
from ..channels import CHANNELS as WAYS
from ..channels import ChannelError, Message, OutcomeUnknown
from ..composing import InterestFacts, NoticeFacts, compose_mail, compose_text
from ..errors import DunningError
from ..models import Channel, DunningLevel, Notice
from ..naming import notice_names
from ..queries.facts import notice_facts, reminder_contact
from ..rules.lint import Finding
from ..rules.records import Line, Proposal
from ..rules.sms import Size, measure
from ..rules.texts import Texts
from ..rules.wording import WordingError, rendered
from ..sampling import LINK, sample_answer, sample_notice
from ..shipped import CHANNELS, answer_kinds
from .words import BEFORE_DUE, check_notice, parts_of, texts_now

DEADLINE_DAYS = 10  # where no level with these words says another


class Tried(NamedTuple):
    """One way of the message; `problem` instead of the words where they cannot be filled in."""

    channel: str
    subject: str = ""
    text: str = ""
    size: Size | None = None
    problem: str = ""
    findings: tuple[Finding, ...] = ()


def facts_for(key: str, language: str, client: Client | None) -> NoticeFacts:
    """What a notice with these words would say to this client today, in the texts' language; else of an example.

    The client's own link is left out: it opens his account.
    """
    today = localdate()
    rows = list(client.invoices.filter(open_amount__gt=0).order_by("due_on", "id")[:20]) if client else []
    if client is None or not rows:
        return sample_notice(organisation(), language, today, is_due=key not in BEFORE_DUE)
    level = DunningLevel.objects.filter(template=key).order_by("id").first()
    level = level or DunningLevel(template=key, deadline_days=DEADLINE_DAYS)
    proposal = _proposal(rows)
    facts = notice_facts(Notice(client=client, level=level), proposal, reminder_contact(client.pk), today)
    interest = [InterestFacts(*found) for found in accruing_interest(client, [row.pk for row in rows], today)]
    return facts._replace(interest=interest, language=language, portal_url=LINK)


def _proposal(rows: list[Invoice]) -> Proposal:
    today = localdate()
    late = [row for row in rows if days_past_due(row.due_on, today) > 0]
    lines = tuple(Line(row.pk, 1, row.open_amount, row.currency, 1) for row in late)
    others = tuple((row.pk, row.open_amount) for row in rows if row not in late)
    return Proposal(None, lines, today, others)  # type: ignore[arg-type]


def tried(key: str, channel: str, texts: Texts, client: Client | None) -> list[Tried]:
    """Every way of this message, the edited one first in its new words."""
    if key in answer_kinds():
        return [_answer(texts)]
    facts = facts_for(key, texts.language, client)
    ways = [channel, *(way for way in CHANNELS if way != channel)]
    return [_way(key, way, texts if way == channel else texts_now(key, way, texts.language), facts) for way in ways]


def _way(key: str, way: str, texts: Texts, facts: NoticeFacts) -> Tried:
    try:
        if way == "sms":
            said = compose_text(texts, facts)
            found = Tried(way, "", said, measure(said))
        elif way == "letter":
            names = notice_names(facts, texts.language)
            heading, opening, closing = (rendered(part, names) for part in texts[1:4])
            items = [f"    {item['number']}   {item['due_on']}   {item['amount']}" for item in names["items"]]
            found = Tried(way, heading, "\n\n".join([opening, "\n".join(items), closing]))
        else:
            words = compose_mail(texts, facts)
            found = Tried(way, words.subject, words.text)
    except WordingError as error:
        return Tried(way, problem=str(error))
    return found._replace(findings=tuple(check_notice(key, way, texts, facts)))


def _answer(texts: Texts) -> Tried:
    try:
        words = compose_answer_mail(texts, sample_answer(organisation(), texts.language, localdate()))
    except WordingError as error:
        return Tried("email", problem=str(error))
    return Tried("email", words.subject, words.text)


def send_trial(key: str, texts: Texts, client: Client | None, *, to: str) -> None:
    """The mail to oneself, marked as a trial. Raises DunningError with what is wrong."""
    if not to:
        raise DunningError("Your user has no e-mail address. Enter one, then try again.")
    us = organisation()
    try:
        if key in answer_kinds():
            words = compose_answer_mail(texts, sample_answer(us, texts.language, localdate()))
        else:
            words = compose_mail(texts, facts_for(key, texts.language, client))
    except WordingError as error:
        raise DunningError(str(error)) from error
    host = (us.email or "localhost").rpartition("@")[2]
    subject = f"[Trial] {words.subject}"
    message = Message(
        to, subject, words.text, words.html, f"<trial-{uuid.uuid4()}@{host}>", us.email, sender_name=us.name
    )
    try:
        with WAYS[Channel.EMAIL].session():
            WAYS[Channel.EMAIL].send(message)
    except (ChannelError, OutcomeUnknown) as error:
        raise DunningError(f"The mail did not leave: {error}") from error


def compared(old: Texts, new: Texts, key: str, channel: str) -> Mapping[str, list[tuple[str, str]]]:
    """Per part that differs: lines with "-" (old only), "+" (new only) or " "."""
    parts = {}
    for part in parts_of(key, channel):
        before, after = getattr(old, part).splitlines(), getattr(new, part).splitlines()
        if before != after:
            parts[part] = [(line[0], line[2:]) for line in ndiff(before, after) if line[0] != "?"]
    return parts
