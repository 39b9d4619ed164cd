"""Any provider of text messages that takes one request for each: address, body and the sign of a yes are settings."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

from .base import ChannelError, Message
from .http import ask, check


def send(message: Message) -> str:
    parts = urlsplit(settings.SMS_URL)
    url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    body, content_type = _filled(settings.SMS_BODY, message)
    headers = {"Content-Type": content_type, "Accept": "application/json", "Idempotency-Key": _key(message)}
    if authorization := settings.SMS_AUTHORIZATION or _basic(parts.username, parts.password):
        headers["Authorization"] = authorization
    if settings.SMS_METHOD == "GET":
        url, body = f"{url}{'&' if parts.query else '?'}{body}", ""
    answer = check(ask(settings.SMS_METHOD, url, body=body.encode(), headers=headers), "The SMS provider")
    if settings.SMS_SUCCESS and not re.search(settings.SMS_SUCCESS, answer.text):
        # Many answer 200 to everything and say in the body what is wrong.
        raise ChannelError(f"The SMS provider refused: {answer.text}"[:300], is_permanent=True)
    found = re.search(settings.SMS_ID, answer.text) if settings.SMS_ID else None
    return found.group(1)[:120] if found else ""


def _filled(template: str, message: Message) -> tuple[str, str]:
    """The body with its places taken: JSON where the template is JSON, else a form."""
    values = {"to": message.recipient, "text": message.text, "sender": settings.SMS_SENDER, "id": _key(message)}
    is_json = template.lstrip().startswith("{")
    for name, value in values.items():
        written = json.dumps(value)[1:-1] if is_json else quote(value, safe="")
        template = template.replace(f"<{name}>", written)
    return template, "application/json" if is_json else "application/x-www-form-urlencoded"


def _basic(user: str | None, password: str | None) -> str:
    if not user:
        return ""
    return "Basic " + b64encode(f"{unquote(user)}:{unquote(password or '')}".encode()).decode()


def _key(message: Message) -> str:
    return message.message_id.strip("<>").partition("@")[0]
