"""The signed link by which a contact reaches the portal: revocable by version, good for PORTAL_LINK_DAYS."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, TimestampSigner
from django.utils.timezone import localdate

from invoices.composing import PortalLink
from invoices.models import Contact

SIGNER_SALT = "portal.link"


class InvalidLink(Exception):
    """Not a link of ours, changed, revoked, or of a contact who is gone."""


class ExpiredLink(InvalidLink):
    """A genuine link past its days; `portal_id` tells to whom a new one may be sent."""

    def __init__(self, portal_id: str) -> None:
        super().__init__("This link has expired.")
        self.portal_id = portal_id


class LinkParts(NamedTuple):
    portal_id: str
    version: int


def portal_token(contact: Contact) -> str:
    """About 60 characters, safe in a URL path. Survives key rotation through SECRET_KEY_FALLBACKS."""
    return TimestampSigner(salt=SIGNER_SALT).sign(f"{contact.portal_id}:{contact.portal_version}")


def portal_url(contact: Contact, invoice_id: int | None = None) -> str:
    """Built from SITE_URL, never from a request's Host header. With an invoice the link leads to its page."""
    rest = f"{invoice_id}/" if invoice_id else ""
    return f"{settings.SITE_URL}/p/{portal_token(contact)}/{rest}"


def portal_link(contact: Contact) -> PortalLink:
    """For documents: a link made now, with the last day on which it is good."""
    return PortalLink(portal_url(contact), localdate() + timedelta(days=settings.PORTAL_LINK_DAYS))


def read_token(token: str) -> LinkParts:
    """The contact's id and version that the token was signed for. Raises ExpiredLink or InvalidLink."""
    signer = TimestampSigner(salt=SIGNER_SALT)
    try:
        value = signer.unsign(token)
    except BadSignature as exc:
        raise InvalidLink("This link is not valid.") from exc
    portal_id, _, version = value.rpartition(":")
    try:
        signer.unsign(token, max_age=timedelta(days=settings.PORTAL_LINK_DAYS))
    except SignatureExpired as exc:
        raise ExpiredLink(portal_id) from exc
    return LinkParts(portal_id, int(version))
