"""What would leave if a notice went out now: its words, recipient and files. Changes nothing."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.utils.translation import override

from invoices.models import Invoice
from invoices.rules.money import ZERO
from invoices.services.documents import invoice_pdf

from ..channels import Attachment
from ..composing import NoticeFacts, Words, compose, compose_letter
from ..models import Channel, Notice, OutgoingStatus
from ..queries.facts import reminder_contact
from ..rules.records import Plan, Proposal
from .dispatch import LATER, ask_again, reason_to_cancel
from .documents import copied_invoices, facts_of, letter_file, letter_problems
from .proposals import why

MOST_HOLDS = 5  # a weekend after an interval after a holiday
WAITING = (OutgoingStatus.PROPOSED, OutgoingStatus.APPROVED)


class Preview(NamedTuple):
    """`problem` says why it would not leave; without a proposal there are no words.

    `leaves_on` is the day it would leave on and the words are of: a later one on a weekend, or soon after a contact.
    """

    leaves_on: date
    problem: str = ""
    proposal: Proposal | None = None
    facts: NoticeFacts | None = None
    words: Words | None = None
    recipient: str = ""
    files: tuple[str, ...] = ()

    @property
    def amounts(self) -> dict[str, object]:
        """Currency -> what the levels of this notice are about."""
        sums: dict[str, object] = {}
        for line in self.proposal.lines if self.proposal else ():
            sums[line.currency] = sums.get(line.currency, ZERO) + line.amount
        return sums


def preview(notice: Notice, today: date) -> Preview:
    """The answer of the planner and the words as they would be frozen; files by name, made when they are opened."""
    on, found = _next_day(notice, today)
    problem = reason_to_cancel(notice, found, on) or ("" if found.contact else why(found))
    proposal = found.contact
    if proposal is None or proposal.level.id != notice.level_id:
        return Preview(on, problem)
    contact = reminder_contact(notice.client_id)
    facts = facts_of(notice, proposal, contact, on)
    with override("en"):
        words = compose(notice.template, facts)
    is_letter = notice.channel == Channel.LETTER
    recipient = (notice.client.legal_name or notice.client.name) if is_letter else (contact.email if contact else "")
    if not recipient:
        problem = problem or "No working mail address is known for this client, so it could not be sent."
    problem = problem or " ".join(letter_problems(notice, facts))
    return Preview(on, problem, proposal, facts, words, recipient, tuple(_file_names(notice, proposal)))


def _next_day(notice: Notice, today: date) -> tuple[date, Plan]:
    """The first day on which the planner is not merely waiting for another one, and what it says then."""
    on, found = today, ask_again(notice, today)
    for _ in range(MOST_HOLDS):
        is_held = found.contact is None and found.reasons and found.reasons[0].code in LATER
        if not is_held or found.review_on is None or found.review_on > notice.send_before:
            break
        on = found.review_on
        found = ask_again(notice, on)
    return on, found


def preview_letter(notice: Notice, today: date) -> str:
    """The letter as HTML, as it would go to the printer; empty for other channels."""
    found = preview(notice, today)
    if notice.channel != Channel.LETTER or found.facts is None:
        return ""
    with override("en"):
        return compose_letter(notice.template, found.facts)


def preview_file(notice: Notice, today: date, index: int) -> Attachment | None:
    """One of the files, made as it would be now; None when there is no such file."""
    found = preview(notice, today)
    if found.proposal is None or found.facts is None or not 0 <= index < len(found.files):
        return None
    with override("en"):
        if notice.channel == Channel.LETTER:
            if index == 0:
                return letter_file(notice, found.facts)
            index -= 1
        invoice = list(copied_invoices(found.proposal))[index]
        return Attachment(_copy_name(invoice), invoice_pdf(invoice))


def _file_names(notice: Notice, proposal: Proposal) -> list[str]:
    names = [f"{notice.level.get_kind_display()}"] if notice.channel == Channel.LETTER else []
    if notice.level.attaches_invoices:
        names += [_copy_name(invoice) for invoice in copied_invoices(proposal)]
    return names


def _copy_name(invoice: Invoice) -> str:
    return f"{invoice.number}.pdf".replace("/", "-")
