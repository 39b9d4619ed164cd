"""What the fake processor remembers: sessions, intents, charges, refunds, disputes, customers and the events they make.

No network in here. Every change makes its events, as snapshots, through `emit`.
"""

from __future__ import annotations

import copy
import secrets
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from stripe._api_version import _ApiVersion

from tests.fakes.card_processor.params import Refused

Record = dict[str, Any]
WHOLE_UNITS = {"isk", "ugx"}
THREE_DECIMALS = {"bhd", "jod", "kwd", "omr", "tnd"}
MORE_DIGITS = {"cop": 10, "huf": 10, "idr": 12, "inr": 9, "jpy": 10, "lbp": 11}
DECLINED = {"type": "card_error", "code": "card_declined", "decline_code": "generic_decline"}
DECLINED |= {"message": "Your card was declined."}
BOUNCED = {"type": "invalid_request_error", "code": "payment_intent_payment_attempt_failed"}
BOUNCED |= {"message": "The bank could not collect this debit: insufficient funds."}


class Ledger:
    """The objects by id, and the events in the order in which they were made."""

    def __init__(self, base_url: str, emit: Callable[[Record], None]) -> None:
        self.base_url = base_url
        self.lock = threading.RLock()
        self.objects: dict[str, Record] = {}
        self.events: list[Record] = []
        self.refund_status = "succeeded"
        self._emit = emit
        self._numbers = count(1)

    def of_kind(self, kind: str) -> list[Record]:
        return [record for record in list(self.objects.values()) if record["object"] == kind]

    def get(self, object_id: str, kind: str) -> Record:
        record = self.objects.get(object_id)
        if record is None or record["object"] != kind:
            raise Refused(f"No such {kind}: '{object_id}'", code="resource_missing", param="id", status=404)
        return record

    def add(self, prefix: str, kind: str, **fields: Any) -> Record:
        made = {"id": f"{prefix}_{next(self._numbers)}{secrets.token_hex(8)}", "object": kind, "livemode": False}
        made |= {"created": int(time.time()), **fields}
        self.objects[made["id"]] = made
        return made

    def announce(self, kind: str, about: Record) -> None:
        shown = {name: copy.deepcopy(value) for name, value in about.items() if not name.startswith("_")}
        event = {"id": f"evt_{next(self._numbers)}{secrets.token_hex(8)}", "object": "event", "type": kind}
        event |= {"api_version": _ApiVersion.CURRENT, "created": int(time.time()), "livemode": False}
        event |= {"pending_webhooks": 1, "request": None, "data": {"object": shown}}
        self.events.append(event)
        self._emit(event)

    def create_session(self, params: Record) -> Record:
        """No event announces the creation of a session."""
        total, currency = check_session(params)
        with self.lock:
            session = self.add(
                "cs_test",
                "checkout.session",
                **{name: params.get(name) for name in ("mode", "success_url", "cancel_url", "client_reference_id")},
                **{name: params.get(name) for name in ("ui_mode", "locale", "customer", "customer_email")},
                metadata=params.get("metadata", {}),
                amount_subtotal=total,
                amount_total=total,
                currency=currency,
                expires_at=params.get("expires_at", int(time.time()) + 86_400),
                payment_intent=None,
                payment_status="unpaid",
                status="open",
                _lines=params["line_items"],
                _intent_metadata=params.get("payment_intent_data", {}).get("metadata", {}),
            )
            session["id"] = self._letters_and_digits(session)
            session["url"] = f"{self.base_url}/c/pay/{session['id']}"
            return session

    def _letters_and_digits(self, session: Record) -> str:
        """Session ids have no underscore after the mode."""
        del self.objects[session["id"]]
        new_id = "cs_test_" + session["id"].removeprefix("cs_test_").replace("_", "")
        self.objects[new_id] = session
        return new_id

    def expire_session(self, session_id: str) -> Record:
        with self.lock:
            session = self.get(session_id, "checkout.session")
            if session["status"] != "open":
                raise Refused(f"Only open sessions can be expired; this one is {session['status']}.")
            session |= {"status": "expired", "url": None}
            self.announce("checkout.session.expired", session)
            return session

    def create_refund(self, params: Record) -> Record:
        """At once, as for cards; on its way with a `refund_status` of "pending". `fail_refund` takes it back."""
        with self.lock:
            charge = self._charge_of(params)
            left = charge["amount"] - charge["amount_refunded"]
            amount = params.get("amount", left)
            if not 0 < amount <= left:
                raise Refused("Refund amount is greater than the unrefunded amount on the charge.", param="amount")
            charge["amount_refunded"] += amount
            charge["refunded"] = charge["amount_refunded"] == charge["amount"]
            fields = {"amount": amount, "currency": charge["currency"], "charge": charge["id"]}
            fields |= {"payment_intent": charge["payment_intent"], "metadata": params.get("metadata") or {}}
            fields |= {"status": self.refund_status, "failure_reason": None}
            refund = self.add("re", "refund", **fields, reason=params.get("reason"))
            self.announce("refund.created", refund)
            self.announce("charge.refunded", charge)
            return refund

    def update_dispute(self, dispute_id: str, params: Record) -> Record:
        """Evidence is kept; submitted, it goes to the bank, once."""
        with self.lock:
            dispute = self.get(dispute_id, "dispute")
            if dispute["status"] not in ("needs_response", "warning_needs_response"):
                raise Refused(f"This dispute is {dispute['status']}: it takes no evidence.")
            dispute["evidence"] = dispute.get("evidence", {}) | params.get("evidence", {})
            if params.get("submit", True):
                dispute["status"] = dispute["status"].replace("needs_response", "under_review")
                self.announce("charge.dispute.updated", dispute)
            return dispute

    def _charge_of(self, params: Record) -> Record:
        charge_id = params.get("charge")
        if not charge_id:
            charge_id = self.get(params.get("payment_intent", ""), "payment_intent")["latest_charge"] or ""
        charge = self.get(charge_id, "charge")
        if charge["status"] != "succeeded":
            raise Refused("This charge has not succeeded and cannot be refunded.")
        return charge

    def create_customer(self, params: Record) -> Record:
        names = ("name", "email", "description")
        fields = {name: params.get(name) for name in names}
        return self.add("cus", "customer", **fields, metadata=params.get("metadata") or {})


def check_session(params: Record) -> tuple[int, str]:
    """What the types do not say about sessions.create; gives total and currency."""
    if params.get("mode") != "payment" or not params.get("line_items"):
        raise Refused("This fake makes sessions with mode=payment and line items.", param="mode")
    if params.get("ui_mode", "hosted_page") == "hosted_page" and "success_url" not in params:
        raise Refused("Missing required param: success_url.", code="parameter_missing", param="success_url")
    if "customer" in params and "customer_email" in params:
        raise Refused("You may only specify one of these parameters: customer, customer_email.", param="customer")
    ahead = params.get("expires_at", time.time() + 86_400) - time.time()
    if not 1_790 <= ahead <= 86_410:
        raise Refused("The `expires_at` timestamp must be between 30 minutes and 24 hours ahead.", param="expires_at")
    prices = [line["price_data"] for line in params["line_items"]]
    if len(prices) > 100 or len({price["currency"] for price in prices}) != 1:
        raise Refused("Line items: at most 100, all in one currency.", param="line_items")
    currency = prices[0]["currency"]
    if currency != currency.lower():
        raise Refused(f"Invalid currency: {currency}. Currencies are in lowercase.", param="currency")
    total = sum(line["price_data"]["unit_amount"] * line.get("quantity", 1) for line in params["line_items"])
    check_total(total, currency)
    return total, currency


def check_total(total: int, currency: str) -> None:
    if total < 30:
        raise Refused("The Checkout Session's total amount is too small.", code="amount_too_small")
    if len(str(total)) > MORE_DIGITS.get(currency, 8):
        raise Refused("Amount must be no more than $999,999.99.", code="amount_too_large")
    if currency in WHOLE_UNITS and total % 100:
        raise Refused("Amounts must be evenly divisible by 100.", code="invalid_charge_amount_no_decimal_compatible")
    if currency in THREE_DECIMALS and total % 10:
        raise Refused("The last digit of a three-decimal amount must be 0.", code="amount_invalid")
