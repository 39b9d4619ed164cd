"""Reads of online payments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.timezone import localdate

from ..models import Client, Payment, PaymentLine, PaymentStatus
from ..rules.allocation import Share
from ..rules.money import ZERO, quantise
from ..rules.payment_ways import waits_until

UNFINISHED = (PaymentStatus.CREATED, PaymentStatus.OPEN, PaymentStatus.PROCESSING)
WAITING_FOR_PAYER = (PaymentStatus.CREATED, PaymentStatus.OPEN)
# Longer than the longest cap of `rules.payment_ways`, holidays included.
LONGEST_WAY = timedelta(days=35)


def are_payments_real() -> bool:
    """Whether a card processor is set up. Without one, the built-in test payment page takes its place."""
    return bool(settings.STRIPE_SECRET_KEY)


def can_pay_online() -> bool:
    """By the card processor, or on the test page where TEST_PAYMENTS allows it (by default: not on an https site)."""
    return are_payments_real() or bool(settings.TEST_PAYMENTS)


def amounts_on_their_way(client_ids: Collection[int]) -> dict[int, Decimal]:
    """Invoice id -> the part of it that was paid but is not with us (in the invoice's currency).

    Not to be chased and not to be paid again: what the payer's bank is transferring, for as long as its way of paying
    may take (`rules.payment_ways`); and what a bank took back, while that dispute is open. One query.
    """
    columns = ("invoice_id", "invoice__currency", "amount", "payment_id", "payment__method", "payment__created_at")
    columns += ("payment__withheld_amount", "payment__client__country", "payment__client__region")
    lines = PaymentLine.objects.filter(payment__client__in=client_ids).order_by()
    coming = lines.filter(
        payment__status=PaymentStatus.PROCESSING, payment__created_at__gt=timezone.now() - LONGEST_WAY
    )
    is_disputed = {"payment__disputes__isnull": False, "payment__disputes__closed_at__isnull": True}
    disputed = lines.filter(**is_disputed, payment__withheld_amount__gt=0)
    found: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    withheld: dict[int, Decimal] = {}
    for row in sorted(coming.values_list(*columns).union(disputed.values_list(*columns)), reverse=True):
        invoice_id, currency, amount, payment_id, method, created_at, taken, country, region = row
        if taken:  # of several invoices the last is given up first, as in the books
            part = min(amount, withheld.get(payment_id, taken))
            withheld[payment_id] = withheld.get(payment_id, taken) - part
        else:
            part = amount if localdate() <= waits_until(method, localdate(created_at), country, region) else ZERO
        if part:
            found[invoice_id] += quantise(part, currency)
    return dict(found)


def overdue_on_their_way() -> list[Payment]:
    """Bank debits that should have come in or bounced by now; nobody told us."""
    rows = Payment.objects.filter(status=PaymentStatus.PROCESSING).select_related("client").order_by("pk")
    today = localdate()
    return [
        row
        for row in rows
        if today > waits_until(row.method, localdate(row.created_at), row.client.country, row.client.region)
    ]


def payment_of_client(client: Client, uuid: UUID) -> Payment | None:
    """None for another client's payment as well as for none at all."""
    return Payment.objects.filter(client=client, uuid=uuid).first()


def payments_shown(client: Client) -> list[Payment]:
    """What a payer wants to see of his past payments, newest first: done, on the way, or bounced."""
    shown = Q(status__in=[PaymentStatus.SUCCEEDED, PaymentStatus.PROCESSING]) | Q(receipt__isnull=False)
    return list(Payment.objects.filter(shown, client=client).order_by("-created_at")[:50])


def plan_of(payment: Payment) -> list[Share]:
    """What the payer meant the payment for, in the order in which invoices are locked and settled."""
    return [Share(*line) for line in payment.lines.order_by("invoice_id").values_list("invoice_id", "amount")]


def on_account_of(payment: Payment) -> Decimal:
    """What of it the payer meant for no invoice."""
    return payment.amount - sum((share.amount for share in plan_of(payment)), ZERO)


def same_plan(one: Iterable[Share], other: Iterable[Share]) -> bool:
    return sorted(one) == sorted(other)


def find_payment(payment_uuid: UUID | None, processor_id: str) -> Payment | None:
    """By our own uuid, else by the processor's session or intent."""
    if payment_uuid:
        return Payment.objects.filter(uuid=payment_uuid).first()
    if not processor_id:
        return None
    return Payment.objects.filter(Q(session_id=processor_id) | Q(intent_id=processor_id)).first()
