"""The portal link of a contact: signed, dated, revocable. No database in here.

The token is the contact's random id and version, signed with the time: 90 days (PORTAL_LINK_DAYS), renewed by each
mail, dead as soon as the version is raised, and good through a rotation of SECRET_KEY by SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NamedTuple, Protocol

from django.conf import settings
from django.core import signing

SALT = "portal.link"
KEY = re.compile(r"([A-Za-z0-9]{1,20}):([0-9]{1,9})")


class PortalKey(NamedTuple):
    """Whom a link is for. It opens the portal only while a contact has this id *and* this version."""

    portal_id: str
    version: int


class Linked(Protocol):
    portal_id: str
    portal_version: int


def portal_url(contact: Linked) -> str:
    """The absolute address for a mail or letter, from SITE_URL, never from a request's Host header."""
    return f"{settings.SITE_URL}/p/{portal_token(contact)}/"


def portal_token(contact: Linked) -> str:
    return signing.TimestampSigner(salt=SALT).sign(f"{contact.portal_id}:{contact.portal_version}")


def read_token(token: str) -> PortalKey | None:
    """Whom a link in date is for; None when it is bent or too old. The caller checks that the version still stands."""
    return _read(token, timedelta(days=settings.PORTAL_LINK_DAYS))


def read_expired_token(token: str) -> PortalKey | None:
    """As `read_token`, whatever the age: tells to which address on file a new link may go. It opens nothing."""
    return _read(token, None)


def _read(token: str, max_age: timedelta | None) -> PortalKey | None:
    try:
        value = signing.TimestampSigner(salt=SALT).unsign(token, max_age=max_age)
    except signing.BadSignature:
        return None
    found = KEY.fullmatch(value)
    return PortalKey(found[1], int(found[2])) if found else None
