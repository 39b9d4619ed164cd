"""The card processor (Stripe) behind plain records: ask for a Checkout page, ask how it stands, read its events.

Knows nothing of our models and decides nothing: who pays what is in the request, what it means for the books is the
caller's. An event is only a hint; `CardProcessor.retrieve` is the truth. No transaction may be open around these calls.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import stripe
from django.conf import settings

from invoices.gateways.card_errors import own_errors
from invoices.gateways.card_events import EVENT_TYPES, event_from, verified_event
from invoices.gateways.card_records import (
    CardDeclined,
    CardProcessorError,
    CardProcessorUnavailable,
    CardRequestRefused,
    CheckoutLine,
    CheckoutRequest,
    CheckoutSession,
    InvalidEvent,
    PaymentState,
    PaymentStatus,
    ProcessorEvent,
)
from invoices.gateways.card_wire import checkout_params, payment_state

__all__ = [
    "EVENT_TYPES",
    "CardDeclined",
    "CardProcessor",
    "CardProcessorError",
    "CardProcessorUnavailable",
    "CardRequestRefused",
    "CheckoutLine",
    "CheckoutRequest",
    "CheckoutSession",
    "InvalidEvent",
    "PaymentState",
    "PaymentStatus",
    "ProcessorEvent",
    "configured",
]

TIMEOUT_SECONDS = 10  # the package's own default of 80 would hold a web worker
NETWORK_RETRIES = 1  # a request is repeated once under the same idempotency key: 20 seconds at worst
SESSION_ID = re.compile(r"cs_(test|live)_[A-Za-z0-9]{1,255}")
EVENTS_PER_PAGE = 100

# Else the package writes an id into the home directory (and fails where there is none) and reports our platform.
stripe.enable_telemetry = False


class CardProcessor:
    """One account at the processor. Safe to share between threads.

    Every method raises CardProcessorUnavailable (outcome unknown) or CardRequestRefused (nothing happened).
    """

    def __init__(self, secret_key: str, api_base: str, webhook_secrets: Sequence[str]) -> None:
        self.is_live = "_live_" in secret_key
        self._webhook_secrets = tuple(webhook_secrets)
        client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base.rstrip("/")},
            max_network_retries=NETWORK_RETRIES,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        )
        self.v1 = client.v1  # for the modules beside this one: refunds, payouts

    def create_checkout(self, request: CheckoutRequest) -> CheckoutSession:
        """Makes the page that the client pays on, once per `payment_uuid`: the same request gives the same session.

        The same uuid with anything else changed, `expires_at` included, is CardRequestRefused. After a saved 500 the
        processor answers CardProcessorUnavailable under this uuid for 24 hours: then pay under a new row.
        Raises AmountNotChargeable before anything is sent.
        """
        params = checkout_params(request)
        options = {"idempotency_key": f"session-{request.payment_uuid}"}
        with own_errors():
            session = self.v1.checkout.sessions.create(params, options).to_dict()
        self._check_livemode(session["livemode"])
        return CheckoutSession(id=session["id"], url=session.get("url") or "")

    def retrieve(self, session_id: str) -> PaymentState:
        """How the payment stands now. An id that is not ours, or not an id at all, is CardRequestRefused."""
        _check_session_id(session_id)
        with own_errors():
            params = {"expand": ["payment_intent.latest_charge.refunds"]}
            session = self.v1.checkout.sessions.retrieve(session_id, params).to_dict()
            disputes = self._disputes(session)
        self._check_livemode(session["livemode"])
        return payment_state(session, disputes)

    def expire(self, session_id: str) -> PaymentState:
        """Closes the page so that nobody pays on it any more, and says how the payment stands after that.

        A client who was faster is no error: look at the status (succeeded or processing instead of expired).
        """
        _check_session_id(session_id)
        try:
            with own_errors():
                self.v1.checkout.sessions.expire(session_id)
        except CardRequestRefused:
            pass  # no longer open; the state says why
        return self.retrieve(session_id)

    def events_since(self, since: datetime, *, types: Sequence[str] = EVENT_TYPES) -> tuple[ProcessorEvent, ...]:
        """All events made at `since` (aware, whole seconds) or later, oldest first; the processor keeps 30 days.

        Ask with an overlap of some minutes: events may become visible out of order. All or an error, never a part.
        """
        params = {"created": {"gte": int(since.timestamp())}, "types": list(types), "limit": EVENTS_PER_PAGE}
        with own_errors():
            newest_first = [event.to_dict() for event in self.v1.events.list(params).auto_paging_iter()]
        return tuple(event_from(event) for event in reversed(newest_first))

    def verify_event(self, raw_body: bytes, signature: str) -> ProcessorEvent:
        """The event in the body of a webhook. Raises InvalidEvent, and nothing else, for whatever is not genuine."""
        event = verified_event(raw_body, signature, self._webhook_secrets)
        if event.livemode != self.is_live:
            raise InvalidEvent("The event and the secret key are not of the same mode (test or live).")
        return event

    def _disputes(self, session: dict[str, Any]) -> list[dict[str, Any]]:
        """A charge only says *that* it is disputed; the amounts are on the disputes."""
        charge = (session.get("payment_intent") or {}).get("latest_charge") or {}
        if not charge.get("disputed"):
            return []
        found = self.v1.disputes.list({"charge": charge["id"], "limit": EVENTS_PER_PAGE})
        return [dispute.to_dict() for dispute in found.auto_paging_iter()]

    def _check_livemode(self, livemode: bool) -> None:
        if livemode != self.is_live:
            raise CardRequestRefused(
                "The card processor answered in another mode (test or live) than the secret key's."
            )


def configured() -> CardProcessor | None:
    """The processor of the settings; None without STRIPE_SECRET_KEY."""
    if not settings.STRIPE_SECRET_KEY:
        return None
    return _processor(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, tuple(settings.STRIPE_WEBHOOK_SECRETS))


@lru_cache(maxsize=4)
def _processor(secret_key: str, api_base: str, webhook_secrets: tuple[str, ...]) -> CardProcessor:
    """Kept, so that connections to the processor are reused from request to request."""
    return CardProcessor(secret_key, api_base, webhook_secrets)


def _check_session_id(session_id: str) -> None:
    """Ids come back in addresses that anybody can type; only a well-formed one may become part of a path."""
    if not SESSION_ID.fullmatch(session_id):
        raise CardRequestRefused("This is not the number of a payment page.")
