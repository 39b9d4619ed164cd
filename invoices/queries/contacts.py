"""Reads of the people at clients."""

from __future__ import annotations

from ..models import Contact


def contact_of_link(portal_id: str, version: int) -> Contact | None:
    """Whom a portal link lets in: None once it is revoked, or the contact or client is gone."""
    return (
        Contact.objects.select_related("client", "client__account_manager")
        .filter(portal_id=portal_id, portal_version=version, is_active=True, client__is_active=True)
        .first()
    )
