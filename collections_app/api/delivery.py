"""What mail providers tell: delivered, opened, bounced, complained. django-anymail checks signatures and reads it."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailWebhookValidationFailure
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from reminders.services.deliveries import BOUNCED, Event, take_events

from .bodies import plain, too_large

READERS: dict[str, Any] = {
    "brevo": BrevoTrackingWebhookView,
    "mailersend": MailerSendTrackingWebhookView,
    "mailgun": MailgunTrackingWebhookView,
    "mailjet": MailjetTrackingWebhookView,
    "postmark": PostmarkTrackingWebhookView,
    "resend": ResendTrackingWebhookView,
    "sendgrid": SendGridTrackingWebhookView,
    "sparkpost": SparkPostTrackingWebhookView,
}
FOR_GOOD = ("bounced", "invalid")  # why a provider took the mail and would not send it: the address is bad
KEPT = ("sent", "delivered", "opened", "clicked", "deferred", "bounced", "rejected", "failed", "complained")
KEPT += ("unsubscribed", "autoresponded")


class Refused(Exception):
    """Nothing that we would believe; the text says what to do."""


@csrf_exempt  # the signature, or the password in the address, is the proof; there is no browser
@require_POST
def mail_webhook(request: HttpRequest, provider: str) -> HttpResponse:
    if too_large(request):
        return plain("The body is too large for events.", 400)
    try:
        take_events(read(request, provider))
    except Refused as error:
        return plain(str(error), 400)
    return plain("ok")


def read(request: HttpRequest, provider: str) -> list[Event]:
    """The events of this request. Raises Refused for any that the provider did not sign."""
    if provider != settings.MAIL_PROVIDER:
        raise Refused(f"Mail does not go through {provider}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is open to everybody; refused below
            reader = READERS[provider]()
        if reader.warn_if_no_basic_auth and not settings.WEBHOOK_SECRET:
            raise Refused("Set WEBHOOK_SECRET and put it into the webhook's address at the provider.")
        reader.setup(request)
        reader.run_validators(request)
        found = reader.parse_events(request)
        return [event(provider, one) for one in found if one.event_type in KEPT]
    except AnymailWebhookValidationFailure as error:
        raise Refused("The signature or password of this request is not right.") from error
    except AnymailConfigurationError as error:
        raise Refused("The webhook of this provider is not set up.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("The body cannot be read.") from error


def event(provider: str, told: Any) -> Event:
    at = told.timestamp or now()
    recipient = told.recipient or ""
    said = [told.event_type, told.message_id, recipient, told.timestamp]
    return Event(
        provider=provider,
        event_id=str(told.event_id or hashlib.sha256(repr(said).encode()).hexdigest()),
        kind=kind_of(told),
        at=at,
        recipient=recipient,
        message_ids=_names(told),
        details=" ".join(filter(None, (told.description, told.mta_response)))[:300],
    )


def kind_of(told: Any) -> str:
    """`bounced` only where it is for good: a full mailbox is `deferred`."""
    is_soft = isinstance(told.esp_event, dict) and told.esp_event.get("Type") in ("SoftBounce", "Transient")
    if told.event_type == BOUNCED:
        return "deferred" if is_soft else BOUNCED
    if told.event_type == "rejected" and told.reject_reason in FOR_GOOD:
        return BOUNCED
    return str(told.event_type)


def _names(told: Any) -> Sequence[str]:
    return [told.message_id] if told.message_id else []
