"""A mailbox over IMAP: read what is new, and mark what was kept. Nothing is deleted."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from time import mktime
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

TIMEOUT = 30  # seconds, for each answer of the server
MOST_BYTES = 15 * 2**20  # of a longer mail only the head is read
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxDown(Exception):
    """The mailbox cannot be read now. The text is shown to staff; it holds no password."""


class Fetched(NamedTuple):
    """One mail as it lies there. `is_whole` is false where only its head was read."""

    uid: bytes
    raw: bytes
    received_at: datetime
    is_whole: bool


class Mailbox:
    """An open folder. See `open_mailbox`."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server

    def unseen(self, limit: int) -> Iterator[Fetched]:
        """The oldest `limit` mails that are not marked as read. Reading does not mark them."""
        for uid in self._ask("search", None, "UNSEEN")[0].split()[:limit]:
            facts = b" ".join(_flat(self._ask("fetch", uid, "(RFC822.SIZE INTERNALDATE)")))
            size = SIZE.search(facts)
            is_whole = size is not None and int(size[1]) <= MOST_BYTES
            part = "(BODY.PEEK[])" if is_whole else "(BODY.PEEK[HEADER])"
            body = [one[1] for one in self._ask("fetch", uid, part) if isinstance(one, tuple)]
            if body:
                yield Fetched(uid, body[0], _received_at(facts), is_whole)

    def mark_read(self, uid: bytes) -> None:
        self._ask("store", uid, "+FLAGS.SILENT", r"(\Seen)")

    def _ask(self, command: str, *arguments: object) -> list:
        try:
            answer, data = self._server.uid(command, *arguments)
        except (imaplib.IMAP4.error, OSError) as exc:
            raise MailboxDown(f"The mailbox fell silent: {exc}") from exc
        if answer != "OK":
            raise MailboxDown(f"The mailbox refuses to {command}: {_text(data)}")
        return [one for one in data if one is not None] or [b""]


@contextmanager
def open_mailbox(url: str) -> Iterator[Mailbox]:
    """`imaps://user:password@host/INBOX`; `imap://` only where the server is this machine. Raises MailboxDown."""
    parts = urlsplit(url)
    server = None
    try:
        server = _connect(parts.scheme, parts.hostname or "", parts.port)
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        folder = unquote(parts.path.lstrip("/")) or "INBOX"
        answer, data = server.select(f'"{folder}"')
        if answer != "OK":
            raise MailboxDown(f"The folder {folder} cannot be opened: {_text(data)}")
    except (imaplib.IMAP4.error, OSError) as exc:
        _leave(server)
        raise MailboxDown(f"The mailbox at {parts.hostname} cannot be opened: {exc}") from exc
    try:
        yield Mailbox(server)
    finally:
        _leave(server)


def _connect(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    if scheme == "imaps":
        return imaplib.IMAP4_SSL(host, port or 993, ssl_context=ssl.create_default_context(), timeout=TIMEOUT)
    return imaplib.IMAP4(host, port or 143, timeout=TIMEOUT)


def _leave(server: imaplib.IMAP4 | None) -> None:
    if server is None:
        return
    try:
        server.logout()
    except (imaplib.IMAP4.error, OSError):
        with suppress(OSError):
            server.shutdown()


def _flat(data: list) -> list[bytes]:
    return [piece for one in data for piece in (one if isinstance(one, tuple) else (one,))]


def _received_at(facts: bytes) -> datetime:
    """When the server took the mail; now where it does not say."""
    parsed = imaplib.Internaldate2tuple(facts)
    return datetime.fromtimestamp(mktime(parsed), UTC) if parsed else datetime.now(UTC)


def _text(data: list) -> str:
    return b" ".join(_flat(data)).decode("ascii", "replace")[:200]
