"""Reads of the people at clients."""

from __future__ import annotations

from ..models import Client, Contact


def contact_of_link(portal_id: str, version: int) -> Contact | None:
    """Whom a portal link lets in: None once it is revoked, or the contact or client is gone."""
    return (
        Contact.objects.select_related("client", "client__account_manager")
        .filter(portal_id=portal_id, portal_version=version, is_active=True, client__is_active=True)
        .first()
    )


def contacts_of(client: Client) -> list[Contact]:
    """The people who are there, the primary contact first."""
    return list(client.contacts.filter(is_active=True).order_by("-is_primary", "name", "pk"))
