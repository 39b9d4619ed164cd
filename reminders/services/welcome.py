"""The welcome letter: how we bill, how to pay, whom to call. By mail once per client; as PDF whenever asked for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from invoices.gateways.pdf import render_pdf
from invoices.models import Client, Contact
from invoices.queries.organisation import organisation
from invoices.queries.schedules import planned, terms_of
from invoices.rules.references import client_reference, in_fours
from invoices.rules.schedule import Schedule, one_sum
from invoices.services.audit import Actor, record
from invoices.services.ledger import lock_client
from invoices.services.rates import schemes

from ..channels import Attachment
from ..errors import DunningError
from ..links import portal_url
from ..models import Acknowledgement, AcknowledgementKind, Channel
from ..queries.procedures import Procedures
from ..welcoming import WelcomeFacts, welcome_html
from .answers import Answer, compose_for, write_answer
from .document_mails import HIDDEN_LINK, mailable_contacts

KIND = AcknowledgementKind.WELCOME
NEW_FOR = timedelta(days=30)
EXAMPLE = Decimal(1_000)


def welcome_of(client_id: int) -> Acknowledgement | None:
    """The mail with the letter, once it was written."""
    return Acknowledgement.objects.filter(once_key=_key(client_id)).first()


def is_new(client: Client) -> bool:
    """Whether a welcome would still be one: with us for a month at most, and nothing sent yet."""
    return localdate(client.created_at) > localdate() - NEW_FOR and welcome_of(client.pk) is None


def preview_welcome(client: Client) -> Answer | None:
    """The mail as it would leave now, but for the link; None without an address. Changes nothing."""
    contacts = mailable_contacts(client.pk)
    if not contacts:
        return None
    return compose_for(client, KIND, contacts[0], {**_facts(client, contacts[0]), **HIDDEN_LINK})


@transaction.atomic
def send_welcome(client_id: int, *, actor: Actor) -> str:
    """Write the mail, which leaves within a minute; returns to whom. Once per client.

    Raises DunningError when there is nobody to write to, or it was sent before.
    """
    client = lock_client(client_id)
    contacts = mailable_contacts(client.pk)
    if not contacts:
        raise DunningError(f"{client} has no contact with a working e-mail address. Add one, or post the letter.")
    row = write_answer(client, KIND, _key(client.pk), contacts[0], _facts(client, contacts[0]))
    if row is None:
        raise DunningError(f"The welcome letter of {client} was sent already. Download it to send it by other means.")
    record("welcome_sent", row, actor=actor, client_id=client.pk, text=f"Welcome letter mailed to {row.recipient}")
    return row.recipient


def welcome_pdf(client: Client, contact: Contact | None = None) -> bytes:
    """The letter as it is now, to this contact or to the one who gets invoices."""
    contact = contact or next(iter(mailable_contacts(client.pk)), None)
    return render_pdf(welcome_html(_letter(client, contact)))


def welcome_files(row: Acknowledgement) -> tuple[Attachment, ...]:
    client = Client.objects.select_related("account_manager", "terms").get(pk=row.client_id)
    return (Attachment("welcome.pdf", welcome_pdf(client, row.contact)),)


def _key(client_id: int) -> str:
    return f"welcome:{client_id}"


def _facts(client: Client, contact: Contact) -> dict[str, Any]:
    example = _example(client)
    terms = terms_of(client, None)
    return {
        "invoices_to": contact.email,
        "terms_name": terms.name if terms else "",
        "issued_on": example.issued_on,
        "due_on": example.due_on,
    }


def _letter(client: Client, contact: Contact | None) -> WelcomeFacts:
    us, terms, manager = organisation(), terms_of(client, None), client.account_manager
    return WelcomeFacts(
        sender=us,
        on=localdate(),
        client_name=client.legal_name or client.name,
        client_address=client.address,
        client_code=client.code,
        first_name=contact.first_name if contact else "",
        language=client.language,
        invoices_to=contact.email if contact else "",
        example=_example(client),
        terms_name=terms.name if terms else "",
        iban=in_fours(us.iban.replace(" ", "")),
        transfer_reference=in_fours(client_reference(client.pk)),
        portal_url=portal_url(contact) if contact else "",
        manager_name=manager.full_name if manager else "",
        manager_email=manager.email if manager else "",
        manager_phone=manager.phone if manager else "",
        law=next((one.name for one in schemes() if one.id == client.late_charge_rule), ""),
        **_steps(client),
    )


def _example(client: Client) -> Schedule:
    """An invoice of today under the client's terms."""
    today, terms = localdate(), terms_of(client, None)
    if terms is None:
        return one_sum(today, today, EXAMPLE, client.currency)
    return planned(terms, today, EXAMPLE, client.currency, client=client)


def _steps(client: Client) -> dict[str, Any]:
    """What the client's procedure does first, in days after the due date."""
    procedure = Procedures().of([client.pk])[client.pk]
    levels = procedure.levels if procedure else ()
    mails = [level.days_past_due for level in levels if level.channel == Channel.EMAIL]
    calls = [level.days_past_due for level in levels if level.channel == Channel.CALL and level.days_past_due > 0]
    return {
        "has_note_before": any(days < 0 for days in mails),
        "reminded_after": min((days for days in mails if days > 0), default=None),
        "called_after": min(calls, default=None),
    }
