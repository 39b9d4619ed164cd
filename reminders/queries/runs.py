"""What a run proposed."""

from __future__ import annotations

from typing import Any

from invoices.rules.money import plain

from ..models import DunningRun, Notice


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
