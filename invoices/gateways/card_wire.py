"""Between our records and Stripe's words: the parameters of a Checkout session, and the state read from one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from invoices.gateways.card_records import (
    CardRequestRefused,
    CheckoutRequest,
    DisputeState,
    PaymentState,
    PaymentStatus,
    RefundState,
)
from invoices.rules.card_disputes import HARMLESS
from invoices.rules.minor_units import check_chargeable, from_minor, to_minor

MOST_LINES = 24  # beyond it the page gets unreadable; the list of invoices is ours
LONGEST_NAME = 250
LONGEST_METADATA = 500
LOCALES = [
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "en-GB",
    "es",
    "es-419",
    "et",
    "fi",
    "fil",
    "fr",
    "fr-CA",
    "hi-IN",
    "hr",
    "hu",
    "id",
    "it",
    "ja",
    "ko",
    "lt",
    "lv",
    "ms",
    "mt",
    "nb",
    "nl",
    "pl",
    "pt",
    "pt-BR",
    "ro",
    "ru",
    "sk",
    "sl",
    "sv",
    "th",
    "tr",
    "vi",
    "zh",
    "zh-HK",
    "zh-TW",
]
PAID = {"paid", "no_payment_required"}
INTENT_GAVE_UP = {"requires_payment_method", "canceled"}


def checkout_params(request: CheckoutRequest) -> dict[str, Any]:
    """Parameters of sessions.create. Raises AmountNotChargeable, or CardRequestRefused without lines.

    `payment_method_types` is left out on purpose (refused by this version): the methods are chosen in the processor's
    dashboard. Adaptive pricing is off: what is paid must be what is owed, in its currency.
    """
    if not request.lines or not all(line.amount > 0 for line in request.lines):
        raise CardRequestRefused("A card payment needs at least one line, and each line a positive amount.")
    check_chargeable(sum((line.amount for line in request.lines), Decimal(0)), request.currency)
    names = {"payment_uuid": request.payment_uuid}
    if request.client_reference:
        names["client"] = request.client_reference[:LONGEST_METADATA]
    params: dict[str, Any] = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "line_items": _line_items(request),
        "success_url": request.success_url,
        "cancel_url": request.cancel_url,
        "client_reference_id": request.payment_uuid,
        "metadata": names,
        "payment_intent_data": {"metadata": names},
        "adaptive_pricing": {"enabled": False},
        "locale": stripe_locale(request.locale),
        "expires_at": int(request.expires_at.timestamp()),
    }
    if request.customer_id:
        params["customer"] = request.customer_id
    elif request.email:
        params["customer_email"] = request.email
    return params


def stripe_locale(locale: str) -> str:
    """The nearest of Stripe's languages: "de-AT" is "de", "en_gb" is "en-GB"; "auto" (the browser's) for others."""
    wanted = locale.replace("_", "-").lower()
    for candidate in (wanted, wanted.split("-")[0]):
        for known in LOCALES:
            if known.lower() == candidate:
                return known
    return "auto"


def payment_state(session: dict[str, Any], disputes: list[dict[str, Any]]) -> PaymentState:
    """Reads a session expanded with payment_intent.latest_charge.refunds, and the disputes of that charge.

    `amount_received` of the intent is the money: a pending bank debit has an `amount_captured` already.
    """
    intent = session.get("payment_intent") or {}
    charge = intent.get("latest_charge") or {}
    currency = session["currency"].upper()
    status = _status(session, intent)
    received = intent.get("amount_received") or 0
    refunded = min(charge.get("amount_refunded") or 0, received)
    taken = sum(dispute["amount"] for dispute in disputes if dispute["status"] not in HARMLESS)
    return PaymentState(
        status=status,
        received=from_minor(received, currency),
        refunded=from_minor(refunded, currency),
        withheld=from_minor(min(taken, received - refunded), currency),
        currency=currency,
        intent_id=intent.get("id") or "",
        method=(charge.get("payment_method_details") or {}).get("type") or "",
        failure="" if status in (PaymentStatus.SUCCEEDED, PaymentStatus.PROCESSING) else _failure(intent),
        livemode=session["livemode"],
        customer_id=session.get("customer") or "",
        refunds=tuple(refund_state(refund) for refund in (charge.get("refunds") or {}).get("data", ())),
        disputes=tuple(dispute_state(dispute) for dispute in disputes),
    )


def refund_state(refund: dict[str, Any]) -> RefundState:
    return RefundState(
        id=refund["id"],
        reference=(refund.get("metadata") or {}).get("refund", ""),
        status=refund.get("status") or "pending",
        amount=from_minor(refund["amount"], refund["currency"]),
        failure=(refund.get("failure_reason") or "").replace("_", " "),
    )


def dispute_state(dispute: dict[str, Any]) -> DisputeState:
    due = (dispute.get("evidence_details") or {}).get("due_by")
    return DisputeState(
        id=dispute["id"],
        amount=from_minor(dispute["amount"], dispute["currency"]),
        currency=dispute["currency"].upper(),
        reason=(dispute.get("reason") or "").replace("_", " "),
        status=dispute["status"],
        answer_by=datetime.fromtimestamp(due, tz=UTC) if due else None,
        opened_at=datetime.fromtimestamp(dispute["created"], tz=UTC),
    )


def _status(session: dict[str, Any], intent: dict[str, Any]) -> PaymentStatus:
    if session["status"] == "open":
        return PaymentStatus.OPEN
    if session["status"] == "expired":
        return PaymentStatus.EXPIRED
    if session["payment_status"] in PAID:
        return PaymentStatus.SUCCEEDED
    return PaymentStatus.FAILED if intent.get("status") in INTENT_GAVE_UP else PaymentStatus.PROCESSING


def _failure(intent: dict[str, Any]) -> str:
    error = intent.get("last_payment_error") or {}
    return error.get("message") or ""


def _line_items(request: CheckoutRequest) -> list[dict[str, Any]]:
    lines = [(line.description, to_minor(line.amount, request.currency)) for line in request.lines]
    if len(lines) > MOST_LINES:
        lines = [(f"{len(lines)} invoices", sum(minor for _, minor in lines))]
    return [
        {
            "quantity": 1,
            "price_data": {
                "currency": request.currency.lower(),
                "unit_amount": minor,
                "product_data": {"name": " ".join(name.split())[:LONGEST_NAME] or "Invoice"},
            },
        }
        for name, minor in lines
    ]
