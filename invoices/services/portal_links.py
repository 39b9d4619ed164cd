"""Ending the portal links of a contact: those in old mails, and whoever is reading by one."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from ..models import Contact
from .audit import Actor, record


@transaction.atomic
def revoke_links(contact_id: int, *, actor: Actor) -> None:
    """Every link made so far ends, and with it its sessions; the next mail carries a new one."""
    contact = Contact.objects.select_for_update().get(pk=contact_id)
    Contact.objects.filter(pk=contact.pk).update(portal_version=F("portal_version") + 1)
    record("links_revoked", contact, actor=actor, client_id=contact.client_id, text=f"Portal links of {contact} ended")
