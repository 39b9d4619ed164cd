"""What waits for a second person, of every kind on one list. Each kind is served by the partial index of its queue."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet

from ..models import Client, PaymentPlan, PlanStatus, Refund, RefundStatus, WriteOff, WriteOffStatus
from .discounts import discounts_waiting
from .settlements import settlements_waiting

SHOWN = 5


class Decision(NamedTuple):
    """`kind` names the queue, `what` says it in words; `asked_by` is empty where the product asked by itself."""

    kind: str
    pk: int
    client: Client
    what: str
    amount: Decimal
    currency: str
    asked_by: str


def decision_queues() -> dict[str, QuerySet]:
    """Name -> the rows that wait."""
    return {
        "plans": PaymentPlan.objects.filter(status=PlanStatus.PROPOSED),
        "settlements": settlements_waiting(),
        "discounts": discounts_waiting(),
        "write_offs": WriteOff.objects.filter(status=WriteOffStatus.PROPOSED),
        "refunds": Refund.objects.filter(status=RefundStatus.PROPOSED),
    }


def decisions_waiting(kinds: Container[str], limit: int = SHOWN) -> list[Decision]:
    """The oldest `limit` of each of these kinds, a query each."""
    queues = decision_queues()
    asked = {kind: read for kind, read in READERS.items() if kind in kinds}
    return [one for kind, read in asked.items() for one in read(queues[kind].order_by("pk"), limit)]


def _who(row: Any) -> str:
    return row.asked_by.full_name if row.asked_by else ""


def _plans(rows: QuerySet, limit: int) -> Iterator[Decision]:
    for row in rows.select_related("client", "asked_by")[:limit]:
        yield Decision("plans", row.pk, row.client, "Payment plan", row.total_amount, row.currency, _who(row))


def _settlements(rows: QuerySet, limit: int) -> Iterator[Decision]:
    for row in rows.select_related("client", "asked_by")[:limit]:
        yield Decision("settlements", row.pk, row.client, "Settlement", row.amount, row.currency, _who(row))


def _discounts(rows: QuerySet, limit: int) -> Iterator[Decision]:
    for row in rows.select_related("invoice__client")[:limit]:
        late = f"{row.days_late} day{'' if row.days_late == 1 else 's'} late"
        what = f"Settlement discount on {row.invoice}, {late}"
        yield Decision("discounts", row.pk, row.invoice.client, what, row.amount, row.invoice.currency, "")


def _write_offs(rows: QuerySet, limit: int) -> Iterator[Decision]:
    for row in rows.select_related("invoice__client", "asked_by")[:limit]:
        what = f"Write-off of {row.invoice}"
        yield Decision("write_offs", row.pk, row.invoice.client, what, row.amount, row.invoice.currency, _who(row))


def _refunds(rows: QuerySet, limit: int) -> Iterator[Decision]:
    for row in rows.select_related("client", "asked_by")[:limit]:
        yield Decision("refunds", row.pk, row.client, "Refund", row.amount, row.currency, _who(row))


READERS: dict[str, Callable[[QuerySet, int], Iterator[Decision]]] = {
    "plans": _plans,
    "settlements": _settlements,
    "discounts": _discounts,
    "write_offs": _write_offs,
    "refunds": _refunds,
}
