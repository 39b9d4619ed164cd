"""What the processor sends to our bank: all movements since the last payout, less its fees."""

from __future__ import annotations

import time
from typing import Any

from tests.fakes.card_processor.ledger import Ledger, Record

FEE_PERCENT, FIXED_FEE, DISPUTE_FEE = 2, 25, 1500
GONE = ("needs_response", "under_review", "lost")


def pay_out(ledger: Ledger, currency: str, *, off_by: int = 0) -> Record:
    """A payout with its movements; `off_by` minor units more than these sum to, which no processor should send."""
    with ledger.lock:
        lines = [_line(ledger, *found) for found in _new(ledger, currency)]
        amount = sum(line["net"] for line in lines) + off_by
        fields: dict[str, Any] = {"amount": amount, "currency": currency, "status": "paid"}
        payout = ledger.add("po", "payout", **fields, arrival_date=int(time.time()))
        for line in lines:
            line["payout"] = payout["id"]
        own = {"amount": -amount, "fee": 0, "net": -amount, "currency": currency, "type": "payout"}
        ledger.add("txn", "balance_transaction", **own, source=payout["id"], payout=payout["id"], description=None)
        ledger.announce("payout.paid", payout)
        return payout


def _new(ledger: Ledger, currency: str) -> list[tuple[str, Record, int, int]]:
    """Charges, refunds and disputes that no payout had yet: kind, what, amount, fee."""
    known = {(line["type"], line["source"]) for line in ledger.of_kind("balance_transaction")}
    found: list[tuple[str, Record, int, int]] = []
    for charge in ledger.of_kind("charge"):
        if charge["status"] == "succeeded":
            fee = charge["amount"] * FEE_PERCENT // 100 + FIXED_FEE
            found.append(("charge", charge, charge["amount"], fee))
    for refund in ledger.of_kind("refund"):
        found.append(("refund", refund, -refund["amount"], 0))
        if refund["status"] == "failed":
            found.append(("refund_failure", refund, refund["amount"], 0))
    for dispute in ledger.of_kind("dispute"):
        if dispute["status"] in GONE:
            found.append(("adjustment", dispute, -dispute["amount"], DISPUTE_FEE))
    return [one for one in found if one[1]["currency"] == currency and (one[0], one[1]["id"]) not in known]


def _line(ledger: Ledger, kind: str, source: Record, amount: int, fee: int) -> Record:
    fields: dict[str, Any] = {"amount": amount, "fee": fee, "net": amount - fee, "currency": source["currency"]}
    return ledger.add("txn", "balance_transaction", **fields, type=kind, source=source["id"], description=None)
