"""Mail over SMTP (or whatever EMAIL_URL names)."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from .base import ChannelError, Message, OutcomeUnknown


class EmailChannel:
    """One connection for a batch; a stale one is found by NOOP before the words go out on it."""

    def __init__(self) -> None:
        self._connection = None

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
        mail.connection = self._connection or get_connection()
        _open(mail.connection)
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as exc:
            code, answer = next(iter(exc.recipients.values()))
            raise ChannelError(_refused(message, code, answer), is_permanent=code >= 500) from exc
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
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    for attachment in message.attachments:
        mail.attach(*attachment)
    return mail


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
        raise ChannelError(f"The mail server cannot be reached: {exc}") from exc


def _refused(message: Message, code: int, answer: bytes | str) -> str:
    said = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return f"Mail to {message.recipient} was refused: {code} {said}"[:300]
