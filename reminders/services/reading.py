"""Read the mailbox that answers come to.

Each mail is kept and committed first and marked as read afterwards: after a crash it is read again, and its fingerprint
says that it is known. Any number of workers may read at once.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import OperationalError

from ..gateways.mailbox import Fetched, MailboxDown, open_mailbox
from .inbound import keep_unread, take_in

MOST_AT_ONCE = 200
log = logging.getLogger(__name__)


def read_mailbox(limit: int = MOST_AT_ONCE) -> int:
    """Take in what is new; returns how much. Nothing to do without IMAP_URL.

    A mailbox that does not answer is tried again at the next tick. A mail that cannot be read stops no other: it is
    kept as it came, for a person to look at.
    """
    if not settings.IMAP_URL:
        return 0
    taken = 0
    try:
        with open_mailbox(settings.IMAP_URL) as mailbox:
            for mail in mailbox.unseen(limit):
                taken += _take_in(mail)
                mailbox.mark_read(mail.uid)
    except MailboxDown as exc:
        log.warning("%s", exc)
    return taken


def _take_in(mail: Fetched) -> bool:
    try:
        return take_in(mail.raw, mail.received_at) is not None
    except OperationalError:
        raise  # the database is busy or gone: the mail stays unread
    except Exception as exc:
        log.exception("A mail in the mailbox could not be read (UID %s).", mail.uid.decode())
        return keep_unread(mail.raw, mail.received_at, why=f"{type(exc).__name__}: {exc}") is not None
