"""Text messages through Twilio: pip install "collections-app[twilio]" and SMS_URL=twilio://SID:TOKEN@+441632960001."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from .base import ChannelDown, ChannelError, Message, OutcomeUnknown
from .http import TIMEOUT, raise_for

# https://www.twilio.com/docs/api/errors: not a number, not a mobile, or its owner wrote STOP to Twilio
BAD_NUMBER = {21211, 21214, 21217, 21610, 21614}


def send(message: Message) -> str:
    client, sender = _client()
    given = {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}
    if settings.IS_HTTPS:  # Twilio calls back with what became of it
        given["status_callback"] = f"{settings.SITE_URL}/api/sms/twilio"
    try:
        sent = client.messages.create(to=message.recipient, body=message.text, **given)
    except TwilioRestException as exc:
        if exc.code in BAD_NUMBER:
            raise ChannelError(f"Twilio refused: {exc.msg}", is_permanent=True, is_address_bad=True) from exc
        raise_for(exc.status, exc.msg, "Twilio")
        raise OutcomeUnknown(f"Twilio answered {exc.status}: {exc.msg}") from exc
    except requests.ConnectTimeout as exc:
        raise ChannelDown(f"Twilio cannot be reached: {exc}") from exc
    except requests.RequestException as exc:
        if _is_not_connected(exc):
            raise ChannelDown("Twilio cannot be reached.") from exc
        raise OutcomeUnknown(f"Twilio fell silent while taking the message: {exc}") from exc
    except TwilioException as exc:
        raise OutcomeUnknown(f"Twilio's answer cannot be read: {exc}") from exc
    return sent.sid or ""


def _client() -> tuple[Client, str]:
    parts = urlsplit(settings.SMS_URL)
    sender = settings.SMS_SENDER or unquote(parts.netloc.rpartition("@")[2])
    line = TwilioHttpClient(timeout=TIMEOUT, max_retries=0)
    client = Client(unquote(parts.username or ""), unquote(parts.password or ""), http_client=line)
    if api := parse_qs(parts.query).get("api"):
        client.api.base_url = api[0]
    return client, sender


def _is_not_connected(exc: requests.RequestException) -> bool:
    """It failed before a byte of the message left."""
    reason = getattr(exc.args[0], "reason", None) if exc.args else None
    return type(reason).__name__ in ("NewConnectionError", "ConnectTimeoutError", "NameResolutionError")
