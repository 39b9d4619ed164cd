"""Text messages that come in, and what became of those that went out.

Twilio signs its requests (https://www.twilio.com/docs/usage/security); any other provider calls /api/sms/in with
WEBHOOK_SECRET as user and password, and JSON or a form: id, from, text for a message; id, to, status for an outcome.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from reminders.models import Channel
from reminders.services.deliveries import BOUNCED, DELIVERED, Event, take_event
from reminders.services.inbound_sms import Text, take_in_text

from .bodies import fields, plain, too_large

# field -> the names that providers give it
NAMES = {
    "id": ("MessageSid", "SmsSid", "id", "message_id", "messageId"),
    "from": ("From", "from", "sender", "msisdn", "originator"),
    "to": ("To", "to", "recipient"),
    "text": ("Body", "text", "body", "message", "content"),
    "status": ("MessageStatus", "status", "event"),
    "error": ("ErrorCode", "error", "reason"),
}
# What ends in nobody having it. Twilio's 30003, 30005 and 30006: the number is off, unknown, or a landline.
KINDS = {"delivered": DELIVERED, "undelivered": "failed", "failed": "failed", "sent": "sent", "rejected": "rejected"}
DEAD = {"30003": False, "30005": True, "30006": True}


@csrf_exempt
@require_POST
def twilio(request: HttpRequest) -> HttpResponse:
    if too_large(request) or not is_from_twilio(request):
        return plain("The signature of this request is not right.", 400)
    return take("twilio", fields(request))


@csrf_exempt
@require_POST
def generic(request: HttpRequest) -> HttpResponse:
    if too_large(request) or not knows_password(request):
        return plain("Send WEBHOOK_SECRET as user and password.", 400)
    return take("sms", fields(request))


def take(provider: str, found: Mapping[str, str]) -> HttpResponse:
    said = {field: next((found[name] for name in names if found.get(name)), "") for field, names in NAMES.items()}
    if not said["id"] or not (said["from"] or said["status"]):
        return plain("A message has an id, from and text; an outcome an id, to and status.", 400)
    if said["text"]:
        take_in_text(Text(provider, said["id"], said["from"][:60], said["text"][:5000], now()))
    elif said["status"]:
        take_event(outcome(provider, said))
    return plain("")  # for Twilio an empty answer sends nothing back


def outcome(provider: str, said: Mapping[str, str]) -> Event:
    status = said["status"].lower()
    kind = BOUNCED if DEAD.get(said["error"]) else KINDS.get(status, status)
    event_id = f"{said['id']}:{status}"
    details = f"Error {said['error']}" if said["error"] else ""
    return Event(provider, event_id, kind, now(), said["to"], [said["id"]], details, Channel.SMS)


def is_from_twilio(request: HttpRequest) -> bool:
    """HMAC-SHA1 over our address and the sorted fields, under the account's token."""
    token = unquote(urlsplit(settings.SMS_URL).password or "")
    if not settings.SMS_URL.startswith("twilio://") or not token:
        return False
    url = settings.SITE_URL + request.get_full_path()
    signed = url + "".join(name + value for name, value in sorted(request.POST.items()))
    digest = b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    return constant_time_compare(digest, request.headers.get("X-Twilio-Signature", ""))


def knows_password(request: HttpRequest) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        words = b64decode(given, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return False
    return bool(settings.WEBHOOK_SECRET) and kind == "Basic" and constant_time_compare(words, settings.WEBHOOK_SECRET)
