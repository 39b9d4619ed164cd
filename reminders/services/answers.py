"""Write a mail to a client that is no dunning: its words, once by its key. `services.acknowledging` sends it."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.timezone import localdate

from invoices.models import Client, Contact
from invoices.queries.organisation import organisation

from ..answering import AnswerFacts, compose_answer
from ..composing import Words
from ..links import portal_url
from ..models import Acknowledgement, AcknowledgementKind
from ..queries.facts import reminder_contact
from ..queries.words import edited_texts


class Answer(NamedTuple):
    """A mail as it would leave: to whom, in which words, and what these were made from."""

    contact: Contact
    words: Words
    facts: dict[str, Any]


def compose_for(
    client: Client, kind: AcknowledgementKind, contact: Contact | None, facts: dict[str, Any]
) -> Answer | None:
    """Changes nothing; also the preview. None when there is no address to write to."""
    if contact is None or not contact.email:
        contact = reminder_contact(client.pk)
    if contact is None:
        return None
    manager = client.account_manager
    told = {
        "client_name": client.legal_name or client.name,
        "first_name": contact.first_name,
        "full_name": contact.name,
        "language": contact.language or client.language,
        "portal_url": portal_url(contact),
        "on": localdate(),
        "manager_name": manager.full_name if manager else "",
        "manager_phone": manager.phone if manager else "",
        **facts,
    }
    edited = edited_texts(told["language"])
    words = compose_answer(kind.value, AnswerFacts(sender=organisation(), edited=edited, **told))
    # The link is left out of what is kept, since it opens the portal.
    kept = {name: _plain(value) for name, value in {"lines": [], **told}.items() if name != "portal_url"}
    return Answer(contact, words, kept)


def write_answer(
    client: Client, kind: AcknowledgementKind, once_key: str, contact: Contact | None, facts: dict[str, Any]
) -> Acknowledgement | None:
    """The row with its words; None when there is one already, or no address to write to."""
    if Acknowledgement.objects.filter(once_key=once_key).exists():
        return None
    answer = compose_for(client, kind, contact, facts)
    if answer is None:
        return None
    row = Acknowledgement(
        client=client,
        contact=answer.contact,
        kind=kind,
        once_key=once_key,
        recipient=answer.contact.email,
        subject=answer.words.subject,
        body_text=answer.words.text,
        body_html=answer.words.html,
        facts=answer.facts,
    )
    Acknowledgement.objects.bulk_create([row], ignore_conflicts=True)
    return Acknowledgement.objects.filter(once_key=once_key, reference=row.reference).first()


def _plain(value: Any) -> Any:
    """As JSON: figures and dates as text."""
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int) else str(value)
