"""Reads for losses and money back."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import F, Q, QuerySet

from ..models import Invoice, Receipt, WriteOff, WriteOffStatus
from ..rules.limits import is_small_difference
from ..rules.money import ZERO
from .clients import client_ids_matching
from .organisation import small_difference_limit


def living_claims() -> QuerySet[WriteOff]:
    """Booked losses on which money may still come."""
    booked = WriteOff.objects.filter(status=WriteOffStatus.BOOKED, is_claim_alive=True)
    return booked.filter(recovered_amount__lt=F("amount")).select_related("invoice")


def claims_of(receipt: Receipt) -> QuerySet[WriteOff]:
    """Losses of the receipt's client that it could recover."""
    return living_claims().filter(invoice__client_id=receipt.client_id, invoice__currency=receipt.currency)


def lost_amount(invoice: Invoice) -> Decimal:
    """Written off and not recovered."""
    booked = invoice.write_offs.filter(status=WriteOffStatus.BOOKED)
    return sum((loss.unrecovered_amount for loss in booked), ZERO)


def small_differences(invoices: QuerySet[Invoice]) -> list[Invoice]:
    """Those of which no more than the tolerance is open, though something was paid."""
    limit = small_difference_limit()
    near = invoices.filter(currency=limit.currency, open_amount__gt=0, open_amount__lte=limit.amount)
    return [one for one in near if is_small_difference(one.open_amount, one.total_amount, one.currency, limit)]


def write_offs_matching(text: str) -> Q:
    return Q(invoice__number__istartswith=text) | Q(invoice__client_id__in=client_ids_matching(text))


def refunds_matching(text: str) -> Q:
    return Q(reference__icontains=text) | Q(client_id__in=client_ids_matching(text))
