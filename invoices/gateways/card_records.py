"""What goes to and comes from the card processor: plain records and errors, without its package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class CardProcessorError(Exception):
    """Root of all that can go wrong with the card processor; the message is a sentence for staff."""


class CardDeclined(CardProcessorError):
    """An answer: the bank said no, no money moved."""


class CardProcessorUnavailable(CardProcessorError):
    """Silence, a time-out or a fault over there: the outcome is unknown, ask again under the same uuid."""


class CardRequestRefused(CardProcessorError):
    """Our request was wrong (unknown id, other parameters under the same uuid, bad key): nothing happened."""


class InvalidEvent(CardProcessorError):
    """What came to the webhook is not a genuine event; answer 400."""


class PaymentStatus(StrEnum):
    OPEN = "open"  # the page waits for the client; `failure` tells of a declined attempt
    PROCESSING = "processing"  # the client is done, the bank is not (bank debits take days)
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True)
class CheckoutLine:
    description: str
    amount: Decimal


@dataclass(frozen=True)
class CheckoutRequest:
    """A page to pay on. `client_reference` is the client's code, shown to staff at the processor.

    `success_url` may hold {CHECKOUT_SESSION_ID}. `locale` is a language code; one that the processor does not speak
    leaves the choice to the browser. `expires_at` is aware, 30 minutes to 24 hours ahead, and part of the request's
    identity: store it, do not compute it again for a retry. `customer_id` reuses a customer of the processor.
    """

    payment_uuid: str
    currency: str
    lines: tuple[CheckoutLine, ...]
    success_url: str
    cancel_url: str
    client_reference: str
    email: str
    locale: str
    expires_at: datetime
    customer_id: str = ""


@dataclass(frozen=True)
class CheckoutSession:
    id: str
    url: str  # empty when a repeated request meets a session that is no longer open


@dataclass(frozen=True)
class RefundState:
    """`reference` is what we gave with the request. `status`: pending, requires_action, succeeded, failed, canceled."""

    id: str
    reference: str
    status: str
    amount: Decimal
    failure: str


@dataclass(frozen=True)
class DisputeState:
    """A payer's bank asks (status warning_...) or takes the money back. `answer_by` is None once nobody answers."""

    id: str
    amount: Decimal
    currency: str
    reason: str
    status: str
    answer_by: datetime | None
    opened_at: datetime


@dataclass(frozen=True)
class PayoutState:
    """Money sent to our bank; `amount` below zero was taken from it."""

    id: str
    arrived_on: date
    currency: str
    amount: Decimal
    status: str


@dataclass(frozen=True)
class PayoutPart:
    """One movement inside a payout, in its currency: `amount` before the fee, which is taken off."""

    id: str
    kind: str
    intent_id: str
    amount: Decimal
    fee: Decimal
    text: str


@dataclass(frozen=True)
class PaymentState:
    """The processor's truth at one moment. Money held = received - refunded - withheld, never negative.

    `withheld` is what disputes keep away from us (open or lost). Amounts are in `currency` (upper case). `intent_id`,
    `method` ("card", "sepa_debit" ...), `failure` (a sentence) and `customer_id` are empty when there is none.
    """

    status: PaymentStatus
    received: Decimal
    refunded: Decimal
    withheld: Decimal
    currency: str
    intent_id: str
    method: str
    failure: str
    livemode: bool
    customer_id: str
    refunds: tuple[RefundState, ...] = ()
    disputes: tuple[DisputeState, ...] = ()


@dataclass(frozen=True)
class ProcessorEvent:
    """A hint that something happened to a payment; find it by uuid, else session, else intent, else ignore it."""

    id: str
    type: str
    created: datetime  # aware, UTC, whole seconds
    livemode: bool
    payment_uuid: str | None
    session_id: str | None
    intent_id: str | None
