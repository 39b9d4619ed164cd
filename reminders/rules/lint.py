"""What a message must say and must never say (design: law.md), read from its words as the client would read them.

The words to look for stand in reminders/data/lint/<language>.toml. Errors block saving and sending; warnings are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

LETTERS = ("demand", "final")  # what has to be complete, by the law of most countries
SHOUTED = re.compile(r"\b[^\W\d_]{4,}\b")
LINK = re.compile(r"https?://\S+")
MOST_EXCLAMATIONS = 1
LONGEST_SUBJECT = 120
LONGEST_ABBREVIATION = 4  # IBAN

Lists = Mapping[str, Mapping[str, object]]


class Finding(NamedTuple):
    """`is_error` blocks; otherwise it is a warning."""

    code: str
    message: str
    is_error: bool = True

    def __str__(self) -> str:
        return self.message


class Told(NamedTuple):
    """A message as it reads. `amounts` are the figures of its table, `totals` those it should add up to."""

    subject: str
    text: str  # everything below the subject, layout and table included
    own: str = ""  # the staff's words of it alone
    kind: str = ""  # demand, final, or empty for any other
    sender: str = ""
    client: str = ""
    date: str = ""
    deadline: str = ""
    amounts: Sequence[str] = ()
    totals: Sequence[str] = ()
    ways_to_pay: Sequence[str] = ()  # account number or link, one of which has to be there


def lint(told: Told, lists: Lists) -> list[Finding]:
    """All findings, errors first. `lists` has the tables `must` and `never` of the message's language."""
    found = [*_shape(told), *_never(told, lists["never"])]
    if told.kind in LETTERS:
        found += [*_complete(told), *_must(told, lists["must"])]
    return sorted(found, key=lambda finding: not finding.is_error)


def _shape(told: Told) -> Iterator[Finding]:
    words = SHOUTED.findall(told.subject)
    if words and all(word.isupper() for word in words):
        yield Finding("capitals", "The subject is all in capitals. Write it as a sentence.")
    if len(told.subject) > LONGEST_SUBJECT:
        text = f"The subject has {len(told.subject)} characters; mail programs cut it. Keep to {LONGEST_SUBJECT}."
        yield Finding("long_subject", text, is_error=False)
    if told.subject.count("!") + told.own.count("!") > MOST_EXCLAMATIONS:
        yield Finding("shouting", "Exclamation marks sound like shouting. Leave them out.")
    words = [word for word in SHOUTED.findall(told.own) if word.isupper() and len(word) > LONGEST_ABBREVIATION]
    shouted = [word for word in words if word not in told.client + told.sender]
    if shouted:
        yield Finding("shouted_word", f"{shouted[0]} is all in capitals, which reads as shouting.", is_error=False)
    links = set(LINK.findall(told.own))
    if links and len(LINK.findall(told.text)) > 1:
        yield Finding("links", "There is more than one link. The client's own is put in for you; leave the others out.")


def _never(told: Told, never: Mapping[str, object]) -> Iterator[Finding]:
    said = f"{told.subject}\n{told.own or told.text}".lower()
    for reason, patterns in never.items():
        for pattern in patterns if isinstance(patterns, list) else ():
            if hit := re.search(rf"(?<!\w)(?:{pattern})(?!\w)", said):
                yield Finding(f"never_{reason}", NEVER[reason].format(words=hit[0]))
                break


def _complete(told: Told) -> Iterator[Finding]:
    parts = {"sender": told.sender, "client": told.client, "date": told.date}
    for code, value in parts.items():
        if not value or value not in told.text:
            yield Finding(f"no_{code}", MISSING[code])
    if not told.deadline:
        yield Finding("no_deadline", MISSING["deadline"])
    elif told.deadline not in told.text:
        text = f"The deadline, {told.deadline}, is not in the text. Put {{{{ deadline }}}} in."
        yield Finding("deadline_unsaid", text)
    if missing := [amount for amount in told.amounts if amount not in told.text]:
        yield Finding("no_table", f"{missing[0]} of an item is not in the message.")
    if missing := [total for total in told.totals if total not in told.text]:
        yield Finding("total", f"The total of the items is {missing[0]}, which the message does not say.")
    if not any(way and way in told.text for way in told.ways_to_pay):
        yield Finding("no_way_to_pay", MISSING["way_to_pay"])


def _must(told: Told, must: Mapping[str, object]) -> Iterator[Finding]:
    said = f"{told.subject}\n{told.text}".lower()
    for code, patterns in must.items():
        if code == "next_step_final" and told.kind != "final":
            continue
        if isinstance(patterns, list) and not any(re.search(pattern, said) for pattern in patterns):
            yield Finding(f"no_{code}", MISSING[code])


def contradicts(own: str, totals: Sequence[str], amounts: Sequence[str]) -> list[str]:
    """Amounts of money in the staff's own words that are none of the figures of the message."""
    known = {_bare(one) for one in (*totals, *amounts)}
    return [one for one in re.findall(r"\d[\d.,' \u00a0\u202f]*\d\s?[A-Z]{3}\b", own) if _bare(one) not in known]


def _bare(figure: str) -> str:
    return re.sub(r"\s", "", figure)


MISSING = {
    "sender": "It does not say who asks. Enter our legal name in the settings.",
    "client": "It does not name the client.",
    "date": "It bears no date.",
    "deadline": "It has no deadline. Give the level a number of days to pay.",
    "way_to_pay": "It does not say how to pay. Enter our account in the settings, or put the client's link in.",
    "basis": "It does not say what the money is owed for. Say that goods or services were delivered as agreed.",
    "dispute": "It does not say what to do when an invoice is disputed. Say until when, and what you need to know.",
    "offer": "It does not offer to talk or to pay in parts. Keep that offer in every letter.",
    "next_step": "It does not say what happens next. Name the next step, and only one that is authorised.",
    "next_step_final": "A final notice says that a decision on further steps follows. Say so.",
}
NEVER = {
    "crime": "Never speak of crime, police or arrest (“{words}”): an unpaid invoice is none.",
    "court": "Do not say that a suit has been filed or will be (“{words}”) unless that is authorised and true.",
    "authority": "Do not write as a court, an authority or a lawyer would (“{words}”).",
    "urgency": "Do not make it more urgent than it is (“{words}”). The deadline is a date.",
    "credit": "Do not threaten with reports to credit agencies (“{words}”).",
    "seizure": "Do not threaten with seizure (“{words}”): that takes a judgment.",
    "insult": "Do not shame or insult (“{words}”).",
    "third_parties": "Never say that others will hear of the debt (“{words}”).",
}
