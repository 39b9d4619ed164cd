"""Money that may be the payment a client tells us of: what lies on account and fits. A hint for people, no decision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import Q

from ..models import Client, Invoice, Receipt
from ..rules.money import ZERO, plain
from .search import REFERENCE, holds

AROUND = timedelta(days=10)  # transfers arrive later than they are sent, and dates are remembered badly
SHORTEST = 4
MOST = 3


def receipts_like(client: Client, items: Sequence[Invoice], *, paid_on: date, reference: str = "") -> list[str]:
    """Receipts with money on account, in words: the client's own by date or amount, anybody's by the reference."""
    sums = {item.open_amount for item in items} | {sum((item.open_amount for item in items), ZERO)}
    own = Q(client_id=client.pk) & (
        Q(received_on__range=(paid_on - AROUND, paid_on + AROUND)) | Q(unapplied_amount__in=sums)
    )
    rows = Receipt.objects.filter(unapplied_amount__gt=0, currency=items[0].currency)
    found = list(rows.filter(own).order_by("-received_on", "-pk")[:MOST])
    if len(reference) >= SHORTEST:
        found += (
            rows.filter(holds(REFERENCE, reference)).exclude(pk__in=[row.pk for row in found]).order_by("-pk")[:MOST]
        )
    return [_words(row, client) for row in found[:MOST]]


def _words(row: Receipt, client: Client) -> str:
    whose = "" if row.client_id == client.pk else f" of {row.client}"
    amount = f"{plain(row.unapplied_amount, row.currency)} {row.currency}"
    return f"receipt {row.pk}{whose} with {amount} of {row.received_on:%d %B %Y}"
