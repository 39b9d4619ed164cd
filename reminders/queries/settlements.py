"""Settlements as the planner sees them, and those that a mail is to tell of."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from invoices.models import Settlement, SettlementItem, SettlementStatus
from invoices.queries.among import Chosen

from ..models import Acknowledgement
from ..rules.records import Offered

LOOK_BACK = timedelta(days=7)


def offers_by_client(client_ids: Chosen) -> dict[int, list[Offered]]:
    """Client -> his offered settlements. Served by settlement_by_client."""
    rows = SettlementItem.objects.filter(
        settlement__client_id__in=client_ids, settlement__status=SettlementStatus.OFFERED
    ).values_list(
        "settlement__client_id",
        "settlement_id",
        "settlement__amount",
        "settlement__currency",
        "settlement__expires_on",
        "invoice_id",
    )
    grouped: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for *settlement, invoice_id in rows:
        grouped[tuple(settlement)].add(invoice_id)
    offers: dict[int, list[Offered]] = defaultdict(list)
    for (client_id, _, *facts), invoice_ids in grouped.items():
        offers[client_id].append(Offered(*facts, frozenset(invoice_ids)))
    return offers


def not_told(status: SettlementStatus, key: str, today: date) -> QuerySet[Settlement]:
    """Settlements of this status, of the last week, whose mail (`key`, as in "settlement_paid:17") is not written."""
    name = Concat(Value(f"{key}:"), Cast(OuterRef("pk"), TextField()))
    moved_on = "decided_on" if status == SettlementStatus.OFFERED else "ended_on"
    fresh = Settlement.objects.filter(status=status, **{f"{moved_on}__gt": today - LOOK_BACK})
    told = Acknowledgement.objects.filter(once_key=name)
    return fresh.filter(~Exists(told)).select_related("client__account_manager").order_by("pk")
