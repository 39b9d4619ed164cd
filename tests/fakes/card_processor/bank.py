"""What banks and payers do to a payment: pay, decline, pay by a slow debit, let it bounce, dispute."""

from __future__ import annotations

import time
from typing import Any

from tests.fakes.card_processor.ledger import BOUNCED, DECLINED, Ledger, Record
from tests.fakes.card_processor.params import Refused

CARD = {"type": "card", "card": {"brand": "visa", "last4": "4242"}}
DEBIT = {"type": "sepa_debit", "sepa_debit": {"last4": "3000"}}
FUNDS_GONE = {"needs_response", "under_review", "lost"}


class Bank:
    """Every method takes the id of the session; a dispute and its end take the dispute's id or the session's."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def pay(self, session_id: str) -> Record:
        """The card is good: session complete and paid, intent succeeded."""
        with self.ledger.lock:
            session = self._open(session_id)
            intent = self._intent(session)
            self._charge(intent, "succeeded", CARD)
            self._succeed(intent)
            session |= {"status": "complete", "payment_status": "paid", "url": None}
            self.ledger.announce("checkout.session.completed", session)
            return session

    def decline(self, session_id: str) -> Record:
        """The card is refused; the session stays open for another try."""
        with self.ledger.lock:
            session = self._open(session_id)
            self._fail(self._intent(session), DECLINED, CARD)
            return session

    def pay_later(self, session_id: str) -> Record:
        """A bank debit: the session is complete but unpaid until `settle`."""
        with self.ledger.lock:
            session = self._open(session_id)
            intent = self._intent(session)
            self._charge(intent, "pending", DEBIT)
            intent["status"] = "processing"
            session |= {"status": "complete", "url": None}
            self.ledger.announce("payment_intent.processing", intent)
            self.ledger.announce("checkout.session.completed", session)
            return session

    def settle(self, session_id: str, *, is_good: bool = True) -> Record:
        """Days later: the debit came in, or bounced."""
        with self.ledger.lock:
            session = self.ledger.get(session_id, "checkout.session")
            intent = self.ledger.get(session["payment_intent"] or "", "payment_intent")
            if intent["status"] != "processing":
                raise ValueError(f"Only a processing payment can be settled; this one is {intent['status']}.")
            if is_good:
                self.ledger.get(intent["latest_charge"], "charge").update(status="succeeded", paid=True)
                self._succeed(intent)
                session["payment_status"] = "paid"
                self.ledger.announce("checkout.session.async_payment_succeeded", session)
            else:
                self._fail(intent, BOUNCED, None)
                self.ledger.announce("checkout.session.async_payment_failed", session)
            return session

    def dispute(
        self,
        session_id: str,
        *,
        amount: int | None = None,
        status: str = "needs_response",
        reason: str = "fraudulent",
    ) -> Record:
        """Opens a dispute; with a status of warning_... an inquiry that takes no money. `amount` in minor units."""
        with self.ledger.lock:
            charge = self.charge_of(session_id)
            charge["disputed"] = True
            disputed = charge["amount"] if amount is None else amount
            fields = {"amount": disputed, "currency": charge["currency"], "status": status, "charge": charge["id"]}
            fields |= {"payment_intent": charge["payment_intent"], "reason": reason, "metadata": {}}
            fields |= {"evidence_details": {"due_by": int(time.time()) + 7 * 86_400}}
            dispute = self.ledger.add("du", "dispute", **fields)
            self.ledger.announce("charge.dispute.created", dispute)
            if status in FUNDS_GONE:
                self.ledger.announce("charge.dispute.funds_withdrawn", dispute)
            return dispute

    def close_dispute(self, dispute_id: str, *, is_won: bool) -> Record:
        with self.ledger.lock:
            dispute = self.ledger.get(dispute_id, "dispute")
            is_inquiry = dispute["status"].startswith("warning")
            dispute["status"] = "warning_closed" if is_inquiry else "won" if is_won else "lost"
            if is_won and not is_inquiry:
                self.ledger.announce("charge.dispute.funds_reinstated", dispute)
            self.ledger.announce("charge.dispute.closed", dispute)
            return dispute

    def refund(self, session_id: str, *, amount: int | None = None) -> Record:
        """As a person would in the processor's own dashboard. `amount` in minor units, all that is left without it."""
        params: Record = {"charge": self.charge_of(session_id)["id"]}
        return self.ledger.create_refund(params if amount is None else params | {"amount": amount})

    def settle_refund(self, refund_id: str) -> Record:
        """A refund that was pending arrived at the payer's bank."""
        with self.ledger.lock:
            refund = self.ledger.get(refund_id, "refund")
            refund["status"] = "succeeded"
            self.ledger.announce("refund.updated", refund)
            return refund

    def fail_refund(self, refund_id: str) -> Record:
        """The money of a refund came back."""
        with self.ledger.lock:
            refund = self.ledger.get(refund_id, "refund")
            charge = self.ledger.get(refund["charge"], "charge")
            charge["amount_refunded"] -= refund["amount"]
            charge["refunded"] = False
            refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
            self.ledger.announce("refund.failed", refund)
            return refund

    def charge_of(self, session_id: str) -> Record:
        session = self.ledger.get(session_id, "checkout.session")
        intent = self.ledger.get(session["payment_intent"] or "", "payment_intent")
        return self.ledger.get(intent["latest_charge"] or "", "charge")

    def _open(self, session_id: str) -> Record:
        session = self.ledger.get(session_id, "checkout.session")
        if session["status"] != "open":
            raise Refused(f"This page is {session['status']}.")
        return session

    def _intent(self, session: Record) -> Record:
        """Made at the first try to pay, as the real ones are."""
        if session["payment_intent"]:
            return self.ledger.get(session["payment_intent"], "payment_intent")
        fields: dict[str, Any] = {"amount": session["amount_total"], "currency": session["currency"]}
        fields |= {"amount_received": 0, "status": "requires_payment_method", "last_payment_error": None}
        fields |= {"latest_charge": None, "metadata": session["_intent_metadata"], "customer": session["customer"]}
        intent = self.ledger.add("pi", "payment_intent", **fields)
        session["payment_intent"] = intent["id"]
        return intent

    def _charge(self, intent: Record, status: str, method: Record) -> Record:
        """A pending charge counts as captured already: the trap that `amount_received` avoids."""
        captured = 0 if status == "failed" else intent["amount"]
        fields = {"amount": intent["amount"], "amount_captured": captured, "amount_refunded": 0, "refunded": False}
        fields |= {"currency": intent["currency"], "payment_intent": intent["id"], "metadata": intent["metadata"]}
        fields |= {"status": status, "paid": status == "succeeded", "disputed": False, "payment_method_details": method}
        charge = self.ledger.add("ch", "charge", **fields)
        intent["latest_charge"] = charge["id"]
        return charge

    def _succeed(self, intent: Record) -> None:
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
        self.ledger.announce("payment_intent.succeeded", intent)

    def _fail(self, intent: Record, error: Record, method: Record | None) -> None:
        if method:
            self._charge(intent, "failed", method)
        else:
            self.ledger.get(intent["latest_charge"], "charge").update(status="failed", amount_captured=0)
        intent |= {"status": "requires_payment_method", "last_payment_error": error}
        self.ledger.announce("payment_intent.payment_failed", intent)
