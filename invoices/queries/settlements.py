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
    return _new_money(settlement, in_time_only=True)


def waivable(settlement: Settlement) -> Decimal:
    """What was agreed to be discharged, less what was paid of it: older money that went back since stays owed."""
    return max(settlement.open_amount - _new_money(settlement, in_time_only=False), ZERO)


def _new_money(settlement: Settlement, *, in_time_only: bool) -> Decimal:
    """Money that lay on the items before and was only taken off and put back is not new: by receipt and credit note."""
    rows = Allocation.objects.filter(
        invoice__settlement_items__settlement=settlement, created_at__gte=settlement.created_at
    )
    came = Q(amount__gt=0, reversed_by__isnull=True)
    if in_time_only:
        in_time = Q(receipt__received_on__lte=settlement.expires_on)
        # A debit reaches us days after the client paid by it, here and with the sum that he was shown.
        in_time |= Q(receipt__payment__created_at__date__lte=settlement.expires_on)
        came &= in_time | Q(credit_note__isnull=False, allocated_on__lte=settlement.expires_on)
    was_there = Q(amount__lt=0, reverses__created_at__lt=settlement.created_at)
    sources = rows.filter(came | was_there).values_list("receipt_id", "credit_note_id")
    sums = [quantise(one, settlement.currency) for *_, one in sources.annotate(sum=Sum("amount")).order_by()]
    return sum((max(one, ZERO) for one in sums), ZERO)


def left_to_pay(settlement: Settlement) -> Decimal:
    """Never more than the items have open by now: a credit note may have left less than the smaller sum."""
    items = Invoice.objects.filter(settlement_items__settlement=settlement).aggregate(sum=Sum("open_amount"))
    still_open = quantise(items["sum"] or ZERO, settlement.currency)
    return max(min(settlement.amount - paid_towards(settlement), still_open), ZERO)


def waived_amounts(settlement: Settlement) -> dict[int, Decimal]:
    """Invoice id -> what the settlement took off it and did not give back."""
    rows = Entry.objects.filter(settlement=settlement, kind__in=WAIVED, invoice__isnull=False)
    sums = rows.values_list("invoice_id").annotate(sum=Sum("amount")).order_by()
    return {pk: -exact for pk, amount in sums if (exact := quantise(amount, settlement.currency))}


def waived_on(invoice: Invoice) -> dict[int, Decimal]:
    """Settlement id -> what it took off this invoice and did not give back."""
    rows = Entry.objects.filter(invoice=invoice, kind__in=WAIVED)
    sums = rows.values_list("settlement_id").annotate(sum=Sum("amount")).order_by("settlement_id")
    return {pk: -exact for pk, amount in sums if (exact := quantise(amount, invoice.currency))}


def settleable(client_id: int) -> QuerySet[Invoice]:
    """Open items that no other settlement and no payment plan covers."""
    rows = Invoice.objects.filter(client_id=client_id, status=InvoiceStatus.ISSUED, open_amount__gt=0)
    free = rows.exclude(settlement_items__is_live=True).exclude(plan_items__is_live=True)
    return free.order_by("due_on", "pk")


def settlements_matching(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text)) | Q(items__invoice__number__istartswith=text)
