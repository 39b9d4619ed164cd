"""Open items by due date, where the due date of the invoice does not say it all: parts, and dates deferred since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection

from ..models import Deferral, InvoicePart
from ..rules.ageing import LIMITS

# What is open of an invoice in parts lies on the latest ones; `behind` is the sum of those after a part. The threshold
# is half of the smallest unit, since SQLite sums in floating point.
BY_PART = """
    SELECT x.id, x.number, x.client_id, x.currency, x.issued_on, x.due_on, x.total_amount, x.amount,
           CASE WHEN x.due_on >= %s THEN 0 WHEN x.due_on >= %s THEN 1 WHEN x.due_on >= %s THEN 2
                WHEN x.due_on >= %s THEN 3 ELSE 4 END AS bucket
    FROM (
        SELECT o.id, o.number, o.client_id, o.currency, o.issued_on, o.total_amount,
               COALESCE(p.due_on, d.old_due_on, o.due_on) AS due_on,
               CASE WHEN p.amount IS NULL THEN o.amount WHEN p.amount <= o.amount - p.behind THEN p.amount
                    ELSE o.amount - p.behind END AS amount
        FROM ({items}) o
        LEFT JOIN (
            SELECT invoice_id, due_on, amount,
                   SUM(amount) OVER (PARTITION BY invoice_id ORDER BY position DESC) - amount AS behind
            FROM invoices_invoicepart
        ) p ON p.invoice_id = o.id AND o.amount - p.behind > 0.0004
        LEFT JOIN (
            SELECT f.invoice_id, f.old_due_on FROM invoices_deferral f
            WHERE f.agreed_on > %s AND NOT EXISTS (
                SELECT 1 FROM invoices_deferral e
                WHERE e.invoice_id = f.invoice_id AND e.agreed_on > %s AND e.id < f.id)
        ) d ON d.invoice_id = o.id
    ) x
"""


def by_due_date(items: str, values: Sequence[Any], as_of: date) -> tuple[str, list[Any]]:
    """The open items at the end of `as_of` as SQL with its values, each at the date on which it was due then.

    An invoice in parts comes as one row for each part that has something open; one deferred after `as_of` has its
    date from before. `items` selects id, number, client_id, currency, issued_on, due_on, total_amount, amount and
    bucket, and comes back as it is while nothing is in parts or was deferred since.
    """
    if not InvoicePart.objects.exists() and not Deferral.objects.filter(agreed_on__gt=as_of).exists():
        return items, list(values)
    limits = [_day(as_of - timedelta(days=days)) for days in LIMITS]
    return BY_PART.format(items=items), [*limits, *values, _day(as_of), _day(as_of)]


def _day(value: date) -> Any:
    return value.isoformat() if connection.vendor == "sqlite" else value
