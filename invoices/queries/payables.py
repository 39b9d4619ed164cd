"""What money could pay: open items of a client, and of the clients that it pays for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from ..models import Charge, ChargeKind, Client, CreditNote, Invoice, InvoiceKind
from ..rules.allocation import Claim, ClaimOrder, Money, Payable
from ..rules.limits import Limit
from ..rules.money import ZERO
from .organisation import organisation

CLAIMS = {ChargeKind.INTEREST: Claim.INTEREST, ChargeKind.COMPENSATION: Claim.COSTS, ChargeKind.LATE_FEE: Claim.COSTS}


def payables(client_ids: Collection[int], currency: str, limit: int = 200) -> list[Payable]:
    """The oldest open items of these clients in one currency. One query, and one more where late charges are open."""
    rows = Invoice.objects.filter(client__in=client_ids, currency=currency, open_amount__gt=0).select_related("client")
    items = list(rows.order_by("due_on", "pk")[:limit])
    claims = claims_of([item.pk for item in items if item.kind == InvoiceKind.CHARGE])
    return [
        Payable(
            i.pk,
            i.number or "",
            i.due_on,
            i.open_amount,
            claims.get(i.pk, Claim.PRINCIPAL),
            i.client_id,
            i.client.name,
        )
        for i in items
    ]


def claims_of(document_ids: Sequence[int]) -> dict[int, Claim]:
    """What documents of late charges are owed for. One over costs and interest counts as costs."""
    found = dict.fromkeys(document_ids, Claim.INTEREST)
    if found:
        for pk, kind in Charge.objects.filter(document__in=document_ids).values_list("document_id", "kind"):
            if CLAIMS[ChargeKind(kind)] == Claim.COSTS:
                found[pk] = Claim.COSTS
    return found


def group_of(client: Client) -> list[int]:
    """The client itself, and those it pays for."""
    return [client.pk, *paid_for(client).values_list("pk", flat=True)]


def paid_for(client: Client) -> QuerySet[Client]:
    return Client.objects.filter(payer=client).order_by("name", "pk")


class Allocatable(NamedTuple):
    """Money, what it could pay, and the rest of an item that may be given up with it."""

    money: Money
    items: list[Payable]
    tolerance: Limit


def allocatable(client: Client, amount: Decimal, currency: str, reference: str = "") -> Allocatable:
    """Money of this client: it pays for its group too. Three queries, or four with late charges."""
    us = organisation()
    order = ClaimOrder(client.claim_order or us.claim_order)
    items = payables(group_of(client), currency) if amount else []
    money = Money(amount, currency, reference, order, client.pk)
    return Allocatable(money, items, Limit(us.small_difference, us.currency))


def allocatable_credit(note: CreditNote) -> Allocatable:
    """A credit note pays only what its own client owes, and leaves no small differences."""
    items = payables([note.client_id], note.currency) if note.unapplied_amount else []
    return Allocatable(Money(note.unapplied_amount, note.currency), items, Limit(ZERO, note.currency))


def other_currencies(client_ids: Collection[int], currency: str) -> list[str]:
    """In which these clients owe something, where they owe nothing in this one; empty otherwise."""
    rows = Invoice.objects.filter(client__in=client_ids, open_amount__gt=0).order_by("currency")
    owed = list(rows.values_list("currency", flat=True).distinct())
    return [] if currency in owed else owed
