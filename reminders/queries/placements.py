"""Reads about placements: the evidence before one, what came in after it, and whom a client is to speak to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet

from invoices.models import (
    Allocation,
    Dispute,
    DisputeStatus,
    Invoice,
    InvoiceStatus,
    PlanItem,
    PlanStatus,
    SettlementItem,
    SettlementStatus,
)
from invoices.rules.money import ZERO, plain

from ..models import (
    DeliveryEvent,
    LevelKind,
    NoticeLine,
    OutgoingStatus,
    Partner,
    Placement,
    PlacementItem,
    PlacementStatus,
    PromiseItem,
    PromiseStatus,
)
from ..rules.placing import Claim, commission
from ..rules.reasons import day

CAME_BACK = ("bounced", "rejected", "hard_bounce")


def placeable(client_id: int) -> QuerySet[Invoice]:
    """Open items that nobody has been given yet."""
    rows = Invoice.objects.filter(client_id=client_id, status=InvoiceStatus.ISSUED, open_amount__gt=0)
    return rows.exclude(placement_items__is_live=True).order_by("due_on", "pk")


def claims_of(invoices: Sequence[Invoice]) -> list[Claim]:
    """Each with its final notice and what is agreed or contested about it. Six queries, whatever their number."""
    ids = [invoice.pk for invoice in invoices]
    notices, agreed = _final_notices(ids), _agreed(ids)
    bounced = _bounced([line.notice_id for line in notices.values()])
    found = []
    for invoice in invoices:
        claim = Claim(invoice.pk, str(invoice), agreed=tuple(agreed.get(invoice.pk, ())))
        line = notices.get(invoice.pk)
        if line is not None:
            notice = line.notice
            claim = claim._replace(
                notice_id=notice.pk,
                sent_on=notice.sent_on,
                bounced_on=bounced.get(notice.pk),
                deadline_on=notice.deadline_on,
            )
        found.append(claim)
    return found


def _final_notices(ids: Collection[int]) -> dict[int, NoticeLine]:
    """Invoice -> the line of the last final notice of its cycle that left: a letter posted, or a mail accepted."""
    lines = NoticeLine.objects.filter(
        invoice__in=ids, is_live=True, notice__status=OutgoingStatus.SENT, notice__level__kind=LevelKind.FINAL
    )
    rows = lines.select_related("notice", "invoice").order_by("notice__sent_on", "notice_id")
    return {line.invoice_id: line for line in rows if line.cycle == line.invoice.cycle}


def _bounced(notice_ids: Collection[int]) -> dict[int, date]:
    rows = DeliveryEvent.objects.filter(notice__in=notice_ids, kind__in=CAME_BACK).order_by("at")
    return {notice_id: at.date() for notice_id, at in rows.values_list("notice_id", "at") if notice_id}


def _agreed(ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for dispute in Dispute.objects.filter(invoice__in=ids, status=DisputeStatus.OPEN).select_related("invoice"):
        currency = dispute.invoice.currency
        found[dispute.invoice_id].append(f"an open dispute over {plain(dispute.amount, currency)} {currency}")
    promises = PromiseItem.objects.filter(invoice__in=ids, promise__status=PromiseStatus.OPEN)
    for invoice_id, until in promises.values_list("invoice_id", "promise__promised_on"):
        found[invoice_id].append(f"a promise until {day(until)}")
    plans = PlanItem.objects.filter(invoice__in=ids, is_live=True, plan__status=PlanStatus.ACTIVE)
    for invoice_id, plan_id in plans.values_list("invoice_id", "plan_id"):
        found[invoice_id].append(f"payment plan {plan_id} in force")
    offers = SettlementItem.objects.filter(invoice__in=ids, settlement__status=SettlementStatus.OFFERED)
    for invoice_id, until in offers.values_list("invoice_id", "settlement__expires_on"):
        found[invoice_id].append(f"a settlement on offer until {day(until)}")
    return found


class Collected(NamedTuple):
    """One receipt on a placed item, or its undoing (negative), and the commission on it."""

    on: date
    number: str
    receipt_id: int
    amount: Decimal
    commission: Decimal
    currency: str


class Sums(NamedTuple):
    """One currency of a placement: handed over, received since, the commission on it, and what is open now."""

    currency: str
    placed: Decimal
    collected: Decimal
    commission: Decimal
    open_amount: Decimal


def collected_on(placement: Placement) -> list[Collected]:
    """Receipts allocated to its items while it was in force, in order; what was undone stands as a minus."""
    # An allocation from before that is undone now is no loss of the partner's.
    rows = Allocation.objects.filter(
        Q(reverses=None) | Q(reverses__created_at__gte=placement.created_at),
        invoice__placement_items__placement=placement,
        receipt__isnull=False,
        created_at__gte=placement.created_at,
    )
    if placement.ended_on:
        rows = rows.filter(allocated_on__lte=placement.ended_on)
    return [
        Collected(
            row.allocated_on,
            str(row.invoice),
            row.receipt_id or 0,
            row.amount,
            commission(row.amount, placement.commission_percent, row.invoice.currency),
            row.invoice.currency,
        )
        for row in rows.select_related("invoice").order_by("allocated_on", "pk")
    ]


def sums_of(placement: Placement, collected: Sequence[Collected]) -> list[Sums]:
    """Per currency, never added."""
    items = list(placement.items.select_related("invoice"))
    found = []
    for currency in sorted({item.currency for item in items}):
        came = [one for one in collected if one.currency == currency]
        own = [item for item in items if item.currency == currency]
        found.append(
            Sums(
                currency,
                sum((item.amount for item in own), ZERO),
                sum((one.amount for one in came), ZERO),
                sum((one.commission for one in came), ZERO),
                sum((item.invoice.open_amount for item in own), ZERO),
            )
        )
    return found


def placement_in_force(client_id: int) -> Placement | None:
    rows = Placement.objects.filter(client_id=client_id, status=PlacementStatus.PLACED).select_related("partner")
    return rows.order_by("-pk").first()


def items_of(placement: Placement) -> list[PlacementItem]:
    return list(placement.items.select_related("invoice").order_by("invoice__due_on", "invoice_id"))


def active_partners(kind: str = "") -> QuerySet[Partner]:
    rows = Partner.objects.filter(is_active=True).order_by("name")
    return rows.filter(kind=kind) if kind else rows
