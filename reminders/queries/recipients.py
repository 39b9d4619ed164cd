"""Who gets what beside the mail to the first contact: a second person, and those who agreed to text messages."""

from __future__ import annotations

from invoices.models import Contact, ContactRole

from ..models import Notice, NoticePart
from ..rules.numbers import e164
from .contacting import reachable_contacts


def sms_contact(client_id: int) -> Contact | None:
    """Who agreed to text messages at a number that works: the primary contact first."""
    rows = Contact.objects.filter(
        client_id=client_id, is_active=True, receives_reminders=True, has_sms_consent=True, is_phone_dead=False
    )
    rows = rows.exclude(phone="").select_related("client")
    able = [contact for contact in rows if sms_number(contact, contact.client.country)]
    return min(able, key=lambda contact: (not contact.is_primary, contact.pk), default=None)


def sms_number(contact: Contact, country: str) -> str:
    return e164(contact.phone, country)


def second_contact(client_id: int, first: Contact) -> Contact | None:
    """Another person with a working address: the decision maker first, never the same address again."""
    others = [c for c in reachable_contacts([client_id]) if c.email.lower() != first.email.lower()]
    return min(others, key=lambda c: (c.role != ContactRole.DECISION_MAKER, not c.is_primary, c.pk), default=None)


def addresses_of(notice: Notice) -> set[str]:
    """Every address that this notice went to, in lower case."""
    parts = NoticePart.objects.filter(notice=notice).values_list("recipient", flat=True)
    return {address.lower() for address in (notice.recipient, *parts) if address}
