"""A notice as the message of its channel: who gets it, who it is from, and what goes along."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from invoices.models import Contact, Organisation
from invoices.rules.money import plain

from ..channels import CHANNELS, Attachment, Message
from ..composing import NoticeFacts, Words, compose_sms
from ..models import Channel, Notice
from ..queries.facts import reminder_contact
from ..queries.recipients import sms_contact, sms_number
from ..reply_address import reply_address


class Draft(NamedTuple):
    """What a message is made from."""

    notice: Notice
    contact: Contact | None
    facts: NoticeFacts
    words: Words
    attachments: tuple[Attachment, ...] = ()


def way_of(notice: Notice) -> tuple[str, Contact | None]:
    """The channel and the contact. Where nobody agreed to text messages, the words go by mail."""
    if notice.channel == Channel.SMS:
        if contact := sms_contact(notice.client_id):
            return Channel.SMS, contact
        return Channel.EMAIL, reminder_contact(notice.client_id)
    return notice.channel, reminder_contact(notice.client_id)


def message_of(draft: Draft, channel: str) -> Message | None:
    """None for a letter that is printed here: nothing goes over a wire."""
    return MESSAGES[channel](draft)


def mail_of(draft: Draft) -> Message:
    name, reply_to = sender_of(draft.notice, _us(draft))
    return Message(
        recipient=draft.contact.email if draft.contact else "",
        subject=draft.words.subject,
        text=draft.words.text,
        html=draft.words.html,
        message_id=message_id(draft.notice, _us(draft)),
        reply_to=reply_address("n", draft.notice.pk) or reply_to,
        sender_name=name,
        attachments=draft.attachments,
    )


def sms_of(draft: Draft) -> Message:
    text = compose_sms(draft.notice.template, draft.facts)
    number = sms_number(draft.contact, draft.notice.client.country) if draft.contact else ""
    return Message(number, draft.words.subject, text, "", message_id(draft.notice, _us(draft)))


def letter_of(draft: Draft) -> Message | None:
    if not CHANNELS[Channel.LETTER].set_up_as():
        return None
    words, to = draft.words, draft.notice.client.name[:254]
    return Message(
        to, words.subject, words.text, "", message_id(draft.notice, _us(draft)), attachments=draft.attachments
    )


def webhook_of(draft: Draft) -> Message:
    notice, facts = draft.notice, draft.facts
    data = {
        "type": "notice",
        "client": {"code": notice.client.code, "name": facts.client_name, "language": facts.language},
        "level": {"position": notice.level.position, "name": notice.level.name, "kind": notice.level.kind},
        "on": facts.on,
        "deadline_on": facts.deadline_on,
        "totals": [{"amount": plain(amount, currency), "currency": currency} for amount, currency in facts.totals],
        "items": [
            {"number": item.number, "due_on": item.due_on, "amount": plain(item.amount, item.currency)}
            | {"currency": item.currency}
            for item in facts.items
        ],
        "portal_url": facts.portal_url,
    }
    to = CHANNELS[Channel.WEBHOOK].set_up_as() or "another system"
    return Message(to, draft.words.subject, draft.words.text, "", message_id(notice, _us(draft)), data=data)


MESSAGES: dict[str, Callable[[Draft], Message | None]] = {
    Channel.EMAIL: mail_of,
    Channel.SMS: sms_of,
    Channel.LETTER: letter_of,
    Channel.WEBHOOK: webhook_of,
}


def message_id(notice: Notice, us: Organisation, suffix: str = "") -> str:
    """Stable over attempts; a part of the notice has a suffix in its host, so that answers name the notice alike."""
    host = (us.email or "localhost").rpartition("@")[2]
    return f"<notice-{notice.reference}@{suffix}{host}>"


def sender_of(notice: Notice, us: Organisation) -> tuple[str, str]:
    """Name and address for answers: ours, or the account manager's where the level says so."""
    manager = notice.client.account_manager if notice.level.is_from_manager else None
    return (f"{manager.full_name}, {us.name}", manager.email or us.email) if manager else (us.name, us.email)


def _us(draft: Draft) -> Organisation:
    us = draft.facts.sender
    assert isinstance(us, Organisation)
    return us
