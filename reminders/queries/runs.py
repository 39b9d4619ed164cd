"""What a run proposed."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from invoices.rules.money import plain

from ..models import DunningRun, Notice

# Each reason for not contacting a client, as the head of a count.
SKIPPED = {
    "next_level": "Their next level comes later",
    "nothing_owed": "Nothing is owed",
    "credit_covers": "Money on account covers it",
    "below_tolerance": "Too little is left to ask for",
    "disputed": "What is due is disputed",
    "on_the_way": "The money is on its way",
    "promised": "What is due is promised",
    "blocked": "Dunning is blocked",
    "notice_pending": "A notice is under way already",
    "outcome_unknown": "Nobody knows whether the last notice left",
    "contacted_recently": "Contacted too recently",
    "not_a_business_day": "No business day where the client is",
    "contact_missing": "No working address",
    "holdout": "Left alone by chance, for an experiment",
    "procedure_finished": "Every level has been gone through",
    "no_procedure": "No active procedure serves them",
}


def skipped_in_words(run: DunningRun) -> list[tuple[str, int]]:
    """Why clients were looked at and not contacted, the most frequent first."""
    counts = sorted(run.skipped.items(), key=lambda pair: -pair[1])
    return [(SKIPPED.get(code, code.replace("_", " ").capitalize()), count) for code, count in counts]


def level_counts(run: DunningRun) -> list[tuple[str, str, int]]:
    """(level, channel, how many) of what the run proposed."""
    rows = Notice.objects.filter(run=run).order_by().values_list("level__position", "level__name", "channel")
    return [
        (name, channel, count) for _, name, channel, count in rows.annotate(n=Count("pk")).order_by("level__position")
    ]


def notices_of_run(run: DunningRun) -> list[dict[str, Any]]:
    """The notices that this run wrote, in the order of writing."""
    notices = (
        Notice.objects.filter(run=run)
        .select_related("client", "level")
        .prefetch_related("lines__invoice")
        .order_by("pk")
    )
    return [
        {
            "client": notice.client.code,
            "level": notice.level.position,
            "channel": notice.channel,
            "items": [
                {
                    "invoice": line.invoice.number,
                    "level": line.position,
                    "amount": plain(line.amount, line.invoice.currency),
                }
                for line in notice.lines.all()
            ],
        }
        for notice in notices.iterator(1000)
    ]
