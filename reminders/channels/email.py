"""Mail over SMTP (or whatever EMAIL_URL names)."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from .base import ChannelDown, ChannelError, Message, OutcomeUnknown


class EmailChannel(threading.local):
    """One connection for a batch and thread; a stale one is found by NOOP before the words go out on it."""

    _connection: Any = None

    @contextmanager
    def session(self) -> Iterator[None]:
        self._connection = get_connection()
        try:
            yield
        finally:
            self._connection.close()
            self._connection = None

    def send(self, message: Message) -> None:
        mail = _mail(message)
        _check_words(mail, message)
        mail.connection = self._connection or get_connection()
        _open(mail.connection)
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as exc:
            code, answer = next(iter(exc.recipients.values()))
            is_bad = code >= 500
            raise ChannelError(_refused(message, code, answer), is_permanent=is_bad, is_address_bad=is_bad) from exc
        except smtplib.SMTPSenderRefused as exc:
            raise ChannelDown(f"The mail server refuses {exc.sender}: {_said(exc.smtp_code, exc.smtp_error)}") from exc
        except smtplib.SMTPResponseException as exc:
            is_permanent = exc.smtp_code >= 500
            raise ChannelError(_refused(message, exc.smtp_code, exc.smtp_error), is_permanent=is_permanent) from exc
        except (smtplib.SMTPException, OSError) as exc:
            raise OutcomeUnknown(
                f"The mail server fell silent while taking the mail: {exc or type(exc).__name__}"
            ) from exc
        finally:
            if self._connection is None:
                mail.connection.close()


def _mail(message: Message) -> EmailMultiAlternatives:
    sender = formataddr((message.sender_name, settings.DEFAULT_FROM_EMAIL))
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        sender if message.sender_name else settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers=_headers(message),
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for attachment in message.attachments:
        mail.attach(*attachment)
    return mail


def _headers(message: Message) -> dict[str, str]:
    headers = {"Message-ID": message.message_id}
    if message.in_reply_to:  # written by a person, who is not to be taken for a machine
        return {**headers, "In-Reply-To": message.in_reply_to, "References": message.in_reply_to}
    return {**headers, "Auto-Submitted": "auto-generated"}


def _check_words(mail: EmailMultiAlternatives, message: Message) -> None:
    """A line break in a header, an address that cannot be written: nothing left, and it never will."""
    try:
        mail.message().as_bytes()
    except (ValueError, UnicodeError, LookupError) as exc:
        raise ChannelError(f"The mail to {message.recipient} cannot be written: {exc}", is_permanent=True) from exc


def _open(connection: object) -> None:
    """Connect before the words are at stake: what fails here was not sent, for certain."""
    server = getattr(connection, "connection", None)
    try:
        if server is not None and hasattr(server, "noop"):
            try:
                server.noop()
            except (smtplib.SMTPException, OSError):
                connection.close()
        connection.open()
    except (smtplib.SMTPException, OSError) as exc:
        raise ChannelDown(f"The mail server cannot be reached: {exc}") from exc


def _refused(message: Message, code: int, answer: bytes | str) -> str:
    return f"Mail to {message.recipient} was refused: {_said(code, answer)}"[:300]


def _said(code: int, answer: bytes | str) -> str:
    return f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"
