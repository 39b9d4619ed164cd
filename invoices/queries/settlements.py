"""Reads for settlements."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from ..models import (
    Allocation,
    Client,
    Entry,
    EntryKind,
    Invoice,
    InvoiceStatus,
    Settlement,
    SettlementItem,
    SettlementStatus,
)
from ..rules.limits import Limit
from ..rules.money import ZERO, quantise
from ..rules.settlements import Authority
from .clients import client_ids_matching
from .organisation import organisation

WAIVED = (EntryKind.SETTLED, EntryKind.UNSETTLED)
# An item of such a settlement bears no late charges: the smaller sum is to discharge it in full.
DISCHARGING = (SettlementStatus.OFFERED, SettlementStatus.PAID)


def authority() -> Authority:
    """Up to this one person agrees a settlement alone."""
    us = organisation()
    return Authority(us.settlement_percent, Limit(us.write_off_limit, us.currency))


def settlements_waiting() -> QuerySet[Settlement]:
    return Settlement.objects.filter(status=SettlementStatus.PROPOSED)


def offers_of(client: Client, today: date) -> list[Settlement]:
    """What the client can still settle by paying, the first to expire first."""
    rows = Settlement.objects.filter(client=client, status=SettlementStatus.OFFERED, expires_on__gte=today)
    return list(rows.order_by("expires_on", "pk"))


def is_discharging(invoice_id: int) -> bool:
    """Whether a settlement of the invoice is on offer, or was paid and stands."""
    return SettlementItem.objects.filter(invoice=invoice_id, settlement__status__in=DISCHARGING).exists()


def paid_towards(settlement: Settlement) -> Decimal:
    """What was allocated to its items since it was asked for and came in by its last day; undone ones do not count."""
    live = Allocation.objects.filter(
        invoice__settlement_items__settlement=settlement,
        amount__gt=0,
        reversed_by__isnull=True,
        created_at__gte=settlement.created_at,
    )
    in_time = Q(receipt__received_on__lte=settlement.expires_on)
    in_time |= Q(credit_note__isnull=False, allocated_on__lte=settlement.expires_on)
    return quantise(live.filter(in_time).aggregate(sum=Sum("amount"))["sum"] or ZERO, settlement.currency)


def left_to_pay(settlement: Settlement) -> Decimal:
    return max(settlement.amount - paid_towards(settlement), ZERO)


def waived_amounts(settlement: Settlement) -> dict[int, Decimal]:
    """Invoice id -> what the settlement took off it and did not give back."""
    rows = Entry.objects.filter(settlement=settlement, kind__in=WAIVED, invoice__isnull=False)
    sums = rows.values_list("invoice_id").annotate(sum=Sum("amount")).order_by()
    return {pk: -exact for pk, amount in sums if (exact := quantise(amount, settlement.currency))}


def settleable(client_id: int) -> QuerySet[Invoice]:
    """Open items that no other settlement covers."""
    rows = Invoice.objects.filter(client_id=client_id, status=InvoiceStatus.ISSUED, open_amount__gt=0)
    return rows.exclude(settlement_items__is_live=True).order_by("due_on", "pk")


def settlements_matching(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text)) | Q(items__invoice__number__istartswith=text)
