"""The rating of clients: the ledger's record of them, and how they kept their promises."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Q

from invoices.queries.among import among
from invoices.queries.risk import YEAR, records
from invoices.rules.risk import Rating, Record, rating, sentence

from ..models import PromiseStatus, PromiseToPay

JUDGED = (PromiseStatus.KEPT, PromiseStatus.PARTLY_KEPT, PromiseStatus.BROKEN)


class Rated(NamedTuple):
    record: Record
    rating: Rating

    @property
    def why(self) -> list[tuple[str, int]]:
        """Each reason as a sentence, with the points it counted for."""
        return [(sentence(reason), reason.points) for reason in self.rating.reasons]


def ratings(client_ids: Collection[int], on: date) -> dict[int, Rated]:
    """Client -> his rating as of that day. Six queries for any number of clients; ask for hundreds, not all."""
    kept = promises_kept(client_ids, on)
    found = {}
    for pk, record in records(client_ids, on).items():
        judged, kept_count = kept.get(pk, (0, 0))
        whole = record._replace(promises_judged=judged, promises_kept=kept_count)
        found[pk] = Rated(whole, rating(whole))
    return found


def rating_of(client_id: int, on: date) -> Rated:
    return ratings([client_id], on)[client_id]


def promises_kept(client_ids: Collection[int], on: date) -> dict[int, tuple[int, int]]:
    """Client -> (judged, kept) of the promises judged in the year up to the day; withdrawn ones are left out."""
    rows = PromiseToPay.objects.filter(
        client_id__in=among(client_ids), status__in=JUDGED, judged_on__gt=on - YEAR, judged_on__lte=on
    )
    counted = rows.order_by().values("client_id").annotate(n=Count("pk"), kept=Count("pk", filter=Q(status="kept")))
    return {client_id: (n, kept) for client_id, n, kept in counted.values_list("client_id", "n", "kept")}
