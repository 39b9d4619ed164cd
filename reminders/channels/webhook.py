"""Another system hears of it: one POST of JSON, signed, at least once; the receiver tells repeats by `id`.

`X-Signature: t=<seconds>,v1=<hex>` is HMAC-SHA256 over "<seconds>.<body>" with NOTICE_WEBHOOK_SECRET.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import urlsplit

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.timezone import now

from .base import Channel, ChannelDown, ChannelError, Message, OutcomeUnknown
from .http import ask, check


class WebhookChannel(Channel):
    def send(self, message: Message) -> str | None:
        if not settings.NOTICE_WEBHOOK_URL:
            raise ChannelDown("No other system is set up: NOTICE_WEBHOOK_URL is empty.")
        body = json.dumps(content(message), cls=DjangoJSONEncoder).encode()
        headers = {"Content-Type": "application/json", "X-Signature": signature(body, int(now().timestamp()))}
        try:
            check(ask("POST", settings.NOTICE_WEBHOOK_URL, body=body, headers=headers), "The other system")
        except OutcomeUnknown as exc:
            # A repeat does no harm: it carries the same id.
            raise ChannelError(str(exc)) from exc
        return None

    def set_up_as(self) -> str:
        return urlsplit(settings.NOTICE_WEBHOOK_URL).hostname or ""


def content(message: Message) -> dict[str, object]:
    return {
        "id": message.message_id.strip("<>").partition("@")[0],
        "recipient": message.recipient,
        "subject": message.subject,
        "text": message.text,
        **message.data,
    }


def signature(body: bytes, at: int) -> str:
    digest = hmac.new(settings.NOTICE_WEBHOOK_SECRET.encode(), b"%d." % at + body, hashlib.sha256)
    return f"t={at},v1={digest.hexdigest()}"
