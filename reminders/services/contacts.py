"""Contacts, as staff change them: what they say of a person's agreement to text messages is kept as evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from invoices.models import Contact
from invoices.services import clients
from invoices.services.audit import Actor, user_or_none

from ..models import Channel, Consent

BY_STAFF = "By staff"


@transaction.atomic
def add_contact(client_id: int, values: Mapping[str, Any], *, actor: Actor) -> Contact:
    """As `clients.add_contact`."""
    contact = clients.add_contact(client_id, values, actor=actor)
    if contact.has_sms_consent:
        _keep(contact, True, actor=actor)
    return contact


@transaction.atomic
def change_contact(contact_id: int, values: Mapping[str, Any], *, actor: Actor) -> list[str]:
    """As `clients.change_contact`; returns the labels of what changed."""
    before = Contact.objects.get(pk=contact_id).has_sms_consent
    changed = clients.change_contact(contact_id, values, actor=actor)
    contact = Contact.objects.get(pk=contact_id)
    if contact.has_sms_consent != before:
        _keep(contact, contact.has_sms_consent, actor=actor)
    return changed


def _keep(contact: Contact, is_given: bool, *, actor: Actor) -> None:
    Consent.objects.create(
        contact=contact, channel=Channel.SMS, is_given=is_given, how=BY_STAFF, by=user_or_none(actor)
    )
