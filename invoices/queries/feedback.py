"""Feedback of clients: what may be asked about, and what was answered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Count, Q

from ..models import Client, Dispute, DisputeStatus, Feedback, FeedbackReason, Settlement, SettlementStatus
from .clients import client_ids_matching

ASK_WITHIN = timedelta(days=60)  # later nobody remembers


class Question(NamedTuple):
    """`about` is the key that is kept; `words` is what it reads as."""

    about: str
    words: str


def questions(client: Client, today: date) -> list[Question]:
    """Disputes and settlements that ended lately and of which this client has not told us yet, the newest first."""
    since = today - ASK_WITHIN
    disputes = Dispute.objects.filter(invoice__client=client, closed_on__gte=since).exclude(status=DisputeStatus.OPEN)
    ended = [SettlementStatus.PAID, SettlementStatus.LAPSED]
    settlements = Settlement.objects.filter(client=client, status__in=ended, ended_on__gte=since)
    found = [
        Question(f"dispute {row.pk}", f"the problem with invoice {row.invoice}")
        for row in disputes.select_related("invoice").order_by("-closed_on", "-pk")
    ]
    found += [Question(f"settlement {row.pk}", "our settlement") for row in settlements.order_by("-ended_on", "-pk")]
    if not found:
        return []
    told = set(Feedback.objects.filter(client=client).values_list("about", flat=True))
    return [one for one in found if one.about not in told]


def counts_by_reason(since: date | None = None) -> list[tuple[str, int]]:
    """Every reason with how often it was given, the most frequent first; those never given are left out."""
    rows = Feedback.objects.filter(given_at__date__gte=since) if since else Feedback.objects.all()
    counted = dict(rows.values_list("reason").annotate(count=Count("pk")).order_by())
    labels = dict(FeedbackReason.choices)
    return sorted(((labels[reason], count) for reason, count in counted.items()), key=lambda one: (-one[1], one[0]))


def feedback_matching(text: str) -> Q:
    return Q(client_id__in=client_ids_matching(text))
