"""Reads of online payments."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.db.models import Q, Sum
from django.utils import timezone

from ..models import Client, Payment, PaymentLine, PaymentStatus
from ..rules.allocation import Share
from ..rules.money import quantise

UNFINISHED = (PaymentStatus.CREATED, PaymentStatus.OPEN, PaymentStatus.PROCESSING)
WAITING_FOR_PAYER = (PaymentStatus.CREATED, PaymentStatus.OPEN)
# The slowest bank debit (SEPA, 15 business days). After that, money on its way no longer keeps reminders back.
LONGEST_WAY = timedelta(days=21)


def are_payments_real() -> bool:
    """Whether a card processor is set up. Without one, the built-in test payment page takes its place."""
    return bool(settings.STRIPE_SECRET_KEY)


def can_pay_online() -> bool:
    """By the card processor, or on the test page where TEST_PAYMENTS allows it (by default: not on an https site)."""
    return are_payments_real() or bool(settings.TEST_PAYMENTS)


def amounts_on_their_way(client_ids: Collection[int]) -> dict[int, Decimal]:
    """Invoice id -> the part of it that the bank is transferring to us (in the invoice's currency).

    Paid, but not received: not to be chased and not to be paid again. Invoices without such a part are not in it.
    """
    sums = (
        PaymentLine.objects.filter(
            payment__client__in=client_ids,
            payment__status=PaymentStatus.PROCESSING,
            payment__created_at__gt=timezone.now() - LONGEST_WAY,
        )
        .values_list("invoice_id", "invoice__currency")
        .annotate(sum=Sum("amount"))
        .order_by()
    )
    return {invoice_id: quantise(amount, currency) for invoice_id, currency, amount in sums}


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


def same_plan(one: Iterable[Share], other: Iterable[Share]) -> bool:
    return sorted(one) == sorted(other)


def find_payment(payment_uuid: UUID | None, processor_id: str) -> Payment | None:
    """By our own uuid, else by the processor's session or intent."""
    if payment_uuid:
        return Payment.objects.filter(uuid=payment_uuid).first()
    if not processor_id:
        return None
    return Payment.objects.filter(Q(session_id=processor_id) | Q(intent_id=processor_id)).first()
