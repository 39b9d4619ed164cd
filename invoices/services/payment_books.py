"""The books of one online payment, made equal to what the card processor holds for us.

Money held = received - refunded - withheld. It is booked once as a receipt (fingerprint "payment:<uuid>"); what goes
back later (refund, dispute, returned debit) leaves through refund entries on that receipt, and comes back the same way.
Allocations = min(plan, money held, open); the rest is on account. Where the money does not reach, costs, interest and
principal are paid in the order that is set, and given up in the opposite one. Nothing moves while the money held stays
as it was; what staff allocated or undid by hand since then is left alone.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.timezone import localdate

from ..gateways.card_records import PaymentState
from ..models import (
    Allocation,
    AuditEvent,
    Client,
    Entry,
    EntryKind,
    Invoice,
    InvoiceKind,
    Payment,
    Receipt,
    ReceiptMethod,
)
from ..queries.organisation import organisation
from ..queries.payables import claims_of
from ..queries.payments import plan_of
from ..rules.allocation import CLAIMS, Claim, ClaimOrder, Share
from ..rules.money import ZERO, plain, quantise
from ..rules.payment_ways import is_debit
from .audit import record
from .ledger import Movement, post
from .receipts import NewReceipt, allocate, record_receipt, undo_allocation

ACTOR = "card processor"


def settle(client: Client, payment: Payment, state: PaymentState) -> None:
    """Book the difference between the money held and the books.

    The caller holds the locks of the client and of all others whose invoices the receipt paid.
    """
    receipt = payment.receipt
    is_new = receipt is None
    if receipt is None:
        if state.received <= ZERO:
            return
        receipt = _receive(client, payment, state)
    elif receipt.entries.filter(kind=EntryKind.REVERSED).exists():
        return  # reversed by hand: a person has judged it
    held = state.received - state.refunded - state.withheld
    difference = held - _booked(receipt)
    if difference < ZERO:
        _give_back(client, receipt, -difference)
    elif difference > ZERO:
        _refund_entry(client, receipt, -difference, "came back")  # a dispute was won, or a refund failed
    if difference:
        Receipt.objects.filter(pk=receipt.pk).update(reversed_on=None if held > ZERO else localdate())
    if difference or is_new:
        _allocate_by_plan(client, payment, receipt)


def _receive(client: Client, payment: Payment, state: PaymentState) -> Receipt:
    label = "Test payment" if payment.is_test else "Online payment"
    new = NewReceipt(
        amount=state.received,
        currency=payment.currency,
        received_on=localdate(),
        method=_receipt_method(state.method),
        reference=f"{label} {payment.uuid}",
        fingerprint=f"payment:{payment.uuid}",
    )
    receipt = record_receipt(client, new, actor=ACTOR)
    Payment.objects.filter(pk=payment.pk).update(receipt=receipt)
    return receipt


def _booked(receipt: Receipt) -> Decimal:
    own = Entry.objects.filter(receipt=receipt, kind__in=[EntryKind.RECEIVED, EntryKind.REFUNDED])
    return -quantise(own.aggregate(sum=Sum("amount"))["sum"] or ZERO, receipt.currency)


def _give_back(client: Client, receipt: Receipt, amount: Decimal) -> None:
    """From what is on account first, then from the invoices, what was paid last first; these are owed again."""
    live = list(Allocation.objects.filter(receipt=receipt, amount__gt=0, reversed_by__isnull=True).order_by("-pk"))
    order = _in_pay_order(client, [allocation.invoice_id for allocation in live])
    for allocation in sorted(live, key=lambda one: -order.index(one.invoice_id)):
        receipt.refresh_from_db(fields=["unapplied_amount"])
        if receipt.unapplied_amount >= amount:
            break
        undo_allocation(allocation.pk, actor=ACTOR)
    _refund_entry(client, receipt, amount, "went back")


def _refund_entry(client: Client, receipt: Receipt, amount: Decimal, what: str) -> None:
    post(client, [Movement(EntryKind.REFUNDED, amount, receipt=receipt)], booked_on=localdate(), actor=ACTOR)
    words = f"{plain(abs(amount), receipt.currency)} {receipt.currency} of receipt {receipt} {what}"
    record("receipt_corrected", receipt, actor=ACTOR, client_id=client.pk, text=words)


def _in_pay_order(client: Client, invoice_ids: Collection[int]) -> list[int]:
    """What this client's money pays first, where it does not reach for all: by claim, then the oldest."""
    rows = list(Invoice.objects.filter(pk__in=invoice_ids))
    claims = claims_of([row.pk for row in rows if row.kind == InvoiceKind.CHARGE])
    order = CLAIMS[ClaimOrder(client.claim_order or organisation().claim_order)]
    rows.sort(key=lambda i: (order.index(claims.get(i.pk, Claim.PRINCIPAL)), i.due_on, i.number or "", i.pk))
    return [row.pk for row in rows]


def _allocate_by_plan(client: Client, payment: Payment, receipt: Receipt) -> None:
    """Up to the plan, what is open, and what is left of the money."""
    receipt.refresh_from_db(fields=["unapplied_amount"])
    left, shares = receipt.unapplied_amount, []
    plan = {share.invoice_id: share.amount for share in plan_of(payment)}
    open_amounts = dict(Invoice.objects.filter(pk__in=plan).values_list("pk", "open_amount"))
    done = _allocated(receipt)
    for pk in _in_pay_order(client, plan):
        part = min(plan[pk] - done.get(pk, ZERO), open_amounts[pk], left)
        if part > ZERO:
            shares.append(Share(pk, part))
            left -= part
    if shares:
        allocate(receipt.pk, shares, actor=ACTOR)


def _allocated(receipt: Receipt) -> dict[int, Decimal]:
    """What the plan has had. What staff took off an item by hand counts as had: it is not put back by itself."""
    undone = AuditEvent.objects.filter(verb="allocation_undone", client_id=receipt.client_id, subject_type="allocation")
    by_hand = undone.exclude(actor_label=ACTOR).values("subject_id")
    kept = receipt.allocations.filter(Q(amount__gt=0) | ~Q(pk__in=by_hand))
    sums = kept.values_list("invoice_id").annotate(sum=Sum("amount")).order_by()
    return {invoice_id: quantise(amount, receipt.currency) for invoice_id, amount in sums}


def _receipt_method(method: str) -> ReceiptMethod:
    if is_debit(method):
        return ReceiptMethod.DIRECT_DEBIT
    return ReceiptMethod.CARD if method in ("card", "link") else ReceiptMethod.OTHER
