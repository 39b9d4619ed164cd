"""Mail over SMTP, or through the provider that EMAIL_URL names (django-anymail)."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formataddr
from typing import Any

import requests
from anymail.exceptions import AnymailError, AnymailRecipientsRefused, AnymailRequestsAPIError
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from .base import Channel, ChannelDown, ChannelError, Message, OutcomeUnknown
from .http import raise_for


class EmailChannel(threading.local, Channel):
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

    def set_up_as(self) -> str:
        if settings.MAIL_PROVIDER:
            return str(settings.MAIL_PROVIDER).capitalize()
        is_smtp = settings.EMAIL_BACKEND.endswith("smtp.EmailBackend")
        return f"SMTP at {settings.EMAIL_HOST}" if is_smtp else "a folder: nothing leaves while EMAIL_URL is empty"

    def send(self, message: Message) -> str | None:
        mail = _mail(message)
        _check_words(mail, message)
        mail.connection = self._connection or get_connection()
        _open(mail.connection)
        try:
            mail.send()
            return _provider_id(mail)
        except AnymailError as exc:
            _provider_failed(message, exc)
            raise OutcomeUnknown(f"The mail provider's answer cannot be read: {exc}") from exc
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


def _provider_id(mail: EmailMultiAlternatives) -> str | None:
    """What the provider calls it; none over SMTP."""
    status = getattr(mail, "anymail_status", None)
    found = status.message_id if status else None
    return found[:120] if isinstance(found, str) else None


def _provider_failed(message: Message, exc: AnymailError) -> None:
    """Raises what this failure of a provider means for a channel."""
    if isinstance(exc, AnymailRecipientsRefused):
        text = f"Mail to {message.recipient} was refused by the provider."
        raise ChannelError(text, is_permanent=True, is_address_bad=True) from exc
    if not isinstance(exc, AnymailRequestsAPIError):
        raise ChannelError(f"The provider cannot take this mail: {exc}"[:300], is_permanent=True) from exc
    if exc.status_code is not None:
        raise_for(exc.status_code, exc.response.text if exc.response is not None else "", "The mail provider")
        return
    if _is_not_connected(exc.__cause__):
        raise ChannelDown(f"The mail provider cannot be reached: {exc.__cause__}") from exc
    raise OutcomeUnknown(f"The mail provider fell silent while taking the mail: {exc.__cause__}") from exc


def _is_not_connected(cause: BaseException | None) -> bool:
    """It failed before a byte of the mail left; or the address only points to another one."""
    if isinstance(cause, requests.ConnectTimeout | requests.TooManyRedirects):
        return True
    reason = getattr(cause.args[0], "reason", None) if cause and cause.args else None
    return type(reason).__name__ in ("NewConnectionError", "ConnectTimeoutError", "NameResolutionError")


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
        if isinstance(session := getattr(connection, "session", None), requests.Session):
            session.max_redirects = 0  # what is meant for a provider goes to no other address
    except (smtplib.SMTPException, OSError) as exc:
        raise ChannelDown(f"The mail server cannot be reached: {exc}") from exc


def _refused(message: Message, code: int, answer: bytes | str) -> str:
    return f"Mail to {message.recipient} was refused: {_said(code, answer)}"[:300]


def _said(code: int, answer: bytes | str) -> str:
    return f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}"
