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
from ..queries.facts import notice_facts, reminder_contact
from ..rules.records import Proposal
from .dispatch import ask_again, reason_to_cancel
from .documents import copied_invoices, letter_file
from .proposals import why

WAITING = (OutgoingStatus.PROPOSED, OutgoingStatus.APPROVED)


class Preview(NamedTuple):
    """`problem` says why it would not leave now; without a proposal there are no words."""

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
    """The answer of the planner and the words as they would be frozen now; files by name, made when they are opened."""
    found = ask_again(notice, today)
    problem = reason_to_cancel(notice, found, today) or ("" if found.contact else why(found))
    proposal = found.contact
    if proposal is None or proposal.level.id != notice.level_id:
        return Preview(problem)
    contact = reminder_contact(notice.client_id)
    facts = notice_facts(notice, proposal, contact, today)
    with override("en"):
        words = compose(notice.level.template, facts)
    is_letter = notice.channel == Channel.LETTER
    recipient = (notice.client.legal_name or notice.client.name) if is_letter else (contact.email if contact else "")
    if not recipient:
        problem = problem or "No working mail address is known for this client, so it could not be sent."
    return Preview(problem, proposal, facts, words, recipient, tuple(_file_names(notice, proposal)))


def preview_letter(notice: Notice, today: date) -> str:
    """The letter as HTML, as it would go to the printer; empty for other channels."""
    found = preview(notice, today)
    if notice.channel != Channel.LETTER or found.facts is None:
        return ""
    with override("en"):
        return compose_letter(notice.level.template, found.facts)


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
