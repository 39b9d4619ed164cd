"""What goes out with a notice: the words, the letter as PDF, copies of the invoices. Made once, kept as made."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import override

from invoices.gateways.pdf import render_pdf
from invoices.models import Contact, Invoice
from invoices.services.charging import accruing_interest
from invoices.services.documents import invoice_pdf

from ..channels import Attachment, Message
from ..composing import InterestFacts, NoticeFacts, Words, compose, compose_letter, texts_of
from ..errors import LetterRefused
from ..links import portal_link
from ..models import Channel, Notice, NoticeAttachment, NoticePart
from ..queries.facts import notice_facts, reminder_contact
from ..rules.records import Proposal
from .messages import Draft, message_of, way_of
from .parts import further_ways
from .words import check_notice

MAX_COPIES = 20  # more would be refused by mail servers; the portal has them all


class Prepared(NamedTuple):
    """A notice as it would leave now. `message` is None for a letter printed here; `parts` go beside it.

    `channel` differs from the notice's where nobody may be reached by that.
    """

    words: Words
    message: Message | None
    attachments: tuple[Attachment, ...]
    deadline_on: date | None
    contact_id: int | None
    channel: str
    parts: tuple[NoticePart, ...] = ()


def prepare(notice: Notice, proposal: Proposal, today: date) -> Prepared:
    """Write the notice from the books as they are now. Changes nothing.

    Raises LetterRefused for a formal letter that does not say what it must, or says what it must never.
    """
    channel, contact = way_of(notice)
    facts = facts_of(notice, proposal, contact, today)
    if problems := letter_problems(notice, facts):
        raise LetterRefused(" ".join(problems))
    with override("en"):
        words = compose(notice.template, facts)
        attachments = _attachments(notice, proposal, facts, contact)
        draft = Draft(notice, contact, facts, words, attachments)
        message = message_of(draft, channel)
        parts = further_ways(draft) if channel == Channel.EMAIL else ()
    contact_id = contact.pk if contact else None
    return Prepared(words, message, attachments, facts.deadline_on, contact_id, channel, parts)


def facts_of(notice: Notice, proposal: Proposal, contact: Contact | None, today: date) -> NoticeFacts:
    """What the notice may say, with the interest that is running where the client has a late-charge rule."""
    asked = [line.invoice_id for line in proposal.lines] + [invoice_id for invoice_id, _ in proposal.others]
    interest = [InterestFacts(*found) for found in accruing_interest(notice.client, asked, today)]
    return notice_facts(notice, proposal, contact, today)._replace(interest=interest)


def letter_problems(notice: Notice, facts: NoticeFacts) -> list[str]:
    """What keeps this letter from being issued, in sentences (`rules.lint`, on the words as this client gets them)."""
    if notice.channel != Channel.LETTER:
        return []
    texts = texts_of(notice.template, Channel.LETTER, facts)
    return [str(found) for found in check_notice(notice.template, Channel.LETTER, texts, facts) if found.is_error]


def open_books(notice: Notice) -> tuple[object, ...]:
    """What the words depend on, to be compared under the lock."""
    rows = notice.client.invoices.filter(open_amount__gt=0).order_by("due_on", "id")
    contact = reminder_contact(notice.client_id)
    whom = (contact.pk, contact.email, contact.portal_version) if contact else None
    return (whom, *rows.values_list("id", "open_amount"))


def _attachments(
    notice: Notice, proposal: Proposal, facts: NoticeFacts, contact: Contact | None
) -> tuple[Attachment, ...]:
    files = []
    if notice.channel == Channel.LETTER:
        files.append(letter_file(notice, facts))
    if notice.level.attaches_invoices:
        link = portal_link(contact) if contact else None
        for invoice in copied_invoices(proposal):
            files.append(Attachment(f"{invoice.number}.pdf".replace("/", "-"), invoice_pdf(invoice, link)))
    return tuple(files)


def letter_file(notice: Notice, facts: NoticeFacts) -> Attachment:
    name = f"{notice.level.get_kind_display()} {facts.on.isoformat()}.pdf".replace(" ", "-").lower()
    return Attachment(name, render_pdf(compose_letter(notice.template, facts)))


def copied_invoices(proposal: Proposal) -> Sequence[Invoice]:
    """The invoices that go along as copies, the oldest due first."""
    overdue = [line.invoice_id for line in proposal.lines][:MAX_COPIES]
    return Invoice.objects.filter(pk__in=overdue).order_by("due_on", "id")


def keep_attachments(notice: Notice, attachments: tuple[Attachment, ...]) -> None:
    """Store the files with their SHA-256, as evidence of what was sent. Those of an attempt that failed give way."""
    for old in notice.attachments.all():
        transaction.on_commit(partial(old.file.storage.delete, old.file.name))
    notice.attachments.all().delete()
    for attachment in attachments:
        NoticeAttachment.objects.create(
            notice=notice,
            name=attachment.name,
            content_type=attachment.content_type,
            sha256=hashlib.sha256(attachment.content).hexdigest(),
            file=ContentFile(attachment.content, name=f"{notice.reference}-{attachment.name}"),
        )
