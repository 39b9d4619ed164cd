"""Events of the card processor: proven genuine, and reduced to the few words that find our payment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from invoices.gateways.card_records import InvalidEvent, ProcessorEvent

# What can change a payment, for the poll (20 types at most); the webhook endpoint subscribes to the same.
EVENT_TYPES = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.processing",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
)
NOT_GENUINE = "The event is not signed with a known webhook secret, or is too old."
NOT_AN_EVENT = "The body is signed but is not an event of the card processor."
# Raised by the package and by json on hostile input: signatures that are not ASCII, bodies that are not UTF-8, numbers
# of 5,000 digits, 100,000 open brackets, dates beyond the calendar.
HOSTILE = (TypeError, ValueError, AttributeError, KeyError, OverflowError, OSError, RecursionError)


def verified_event(raw_body: bytes, signature: str, secrets: Sequence[str]) -> ProcessorEvent:
    """Raises InvalidEvent, and nothing else, unless a secret signed this body within the last five minutes."""
    if not any(_is_signed(raw_body, signature, secret) for secret in secrets):
        raise InvalidEvent(NOT_GENUINE)
    try:
        return event_from(json.loads(raw_body))
    except HOSTILE as error:
        raise InvalidEvent(NOT_AN_EVENT) from error


def event_from(event: Any) -> ProcessorEvent:
    """The record of an event's JSON. Raises InvalidEvent when it has no id, type, moment or mode."""
    if not isinstance(event, dict) or event.get("object") != "event":
        raise InvalidEvent(NOT_AN_EVENT)
    for name, kind in (("id", str), ("type", str), ("created", int), ("livemode", bool)):
        if type(event.get(name)) is not kind or event[name] == "":
            raise InvalidEvent(f"The event has no usable {name!r}.")
    about = _dict(_dict(event.get("data")).get("object"))
    kind = about.get("object")
    return ProcessorEvent(
        id=event["id"],
        type=event["type"],
        created=datetime.fromtimestamp(event["created"], tz=UTC),
        livemode=event["livemode"],
        payment_uuid=_uuid(_dict(about.get("metadata")).get("payment_uuid")) or _uuid(about.get("client_reference_id")),
        session_id=_text(about.get("id")) if kind == "checkout.session" else None,
        intent_id=_text(about.get("id" if kind == "payment_intent" else "payment_intent")),
    )


def _is_signed(raw_body: bytes, signature: str, secret: str) -> bool:
    try:
        return stripe.WebhookSignature.verify_header(
            raw_body, signature, secret, tolerance=stripe.Webhook.DEFAULT_TOLERANCE
        )
    except (stripe.SignatureVerificationError, *HOSTILE):
        return False


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _uuid(value: Any) -> str | None:
    try:
        return str(UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None
