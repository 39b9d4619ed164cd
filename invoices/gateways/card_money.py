"""Money that leaves the card processor: refunds to payers, payouts to our bank. And what we answer to a dispute.

As `cards`: plain records in and out, CardProcessorUnavailable or CardRequestRefused, no transaction open around a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from invoices.gateways.card_errors import own_errors
from invoices.gateways.card_records import PayoutPart, PayoutState, RefundState
from invoices.gateways.card_wire import refund_state
from invoices.gateways.cards import CardProcessor
from invoices.rules.minor_units import from_minor, to_minor

AT_ONCE = 100
LONGEST_EVIDENCE = 20_000  # characters of one text; 150,000 of all


def create_refund(
    processor: CardProcessor, intent_id: str, amount: Decimal, *, currency: str, reference: str
) -> RefundState:
    """Once per `reference`: asked again, the same refund is the answer, also after its key is forgotten (24 hours).

    Raises CardRequestRefused when more is asked for than is left of the payment.
    """
    with own_errors():
        known = processor.v1.refunds.list({"payment_intent": intent_id, "limit": AT_ONCE}).auto_paging_iter()
        for found in known:
            state = refund_state(found.to_dict())
            if state.reference == reference:
                return state
        params: Any = {"payment_intent": intent_id, "amount": to_minor(amount, currency)}
        params |= {"metadata": {"refund": reference}}
        refund = processor.v1.refunds.create(params, {"idempotency_key": f"refund-{reference}"})
    return refund_state(refund.to_dict())


def submit_evidence(processor: CardProcessor, dispute_id: str, evidence: Mapping[str, str], *, is_final: bool) -> str:
    """Our side of a dispute, in texts named as the processor names them; `is_final` sends it to the bank, once.

    Returns the status that the dispute has then.
    """
    texts = {name: text[:LONGEST_EVIDENCE] for name, text in evidence.items() if text}
    with own_errors():
        params: Any = {"evidence": texts, "submit": is_final}
        return str(processor.v1.disputes.update(dispute_id, params).to_dict()["status"])


def payouts_since(processor: CardProcessor, since: datetime) -> tuple[PayoutState, ...]:
    """All that were made since (aware), oldest first."""
    params: Any = {"created": {"gte": int(since.timestamp())}, "limit": AT_ONCE}
    with own_errors():
        newest_first = [payout.to_dict() for payout in processor.v1.payouts.list(params).auto_paging_iter()]
    return tuple(_payout(payout) for payout in reversed(newest_first))


def payout_parts(processor: CardProcessor, payout_id: str) -> tuple[PayoutPart, ...]:
    """The movements that a payout is the sum of, without the payout itself."""
    params: Any = {"payout": payout_id, "limit": AT_ONCE, "expand": ["data.source"]}
    with own_errors():
        found = [line.to_dict() for line in processor.v1.balance_transactions.list(params).auto_paging_iter()]
    return tuple(_part(line) for line in found if line["type"] != "payout")


def _payout(payout: dict[str, Any]) -> PayoutState:
    currency = payout["currency"].upper()
    return PayoutState(
        id=payout["id"],
        arrived_on=datetime.fromtimestamp(payout["arrival_date"], tz=UTC).date(),
        currency=currency,
        amount=_signed(payout["amount"], currency),
        status=payout["status"],
    )


def _part(line: dict[str, Any]) -> PayoutPart:
    currency = line["currency"].upper()
    source = line.get("source")
    intent = source.get("payment_intent") if isinstance(source, dict) else ""
    return PayoutPart(
        id=line["id"],
        kind=line["type"],
        intent_id=(intent.get("id") if isinstance(intent, dict) else intent) or "",
        amount=_signed(line["amount"], currency),
        fee=_signed(line["fee"], currency),
        text=(line.get("description") or "")[:200],
    )


def _signed(minor: int, currency: str) -> Decimal:
    return from_minor(minor, currency) if minor >= 0 else -from_minor(-minor, currency)
