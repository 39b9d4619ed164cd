"""The SQL of what was open at the end of a day: drafts never, and a receipt of that day counts as paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from ..rules.ageing import BUCKETS, LIMITS
from ..rules.money import quantise
from .aged_parts import by_due_date

ROW = """SELECT i.id, i.number, i.client_id, i.currency, i.issued_on, i.due_on, i.total_amount, {amount} AS amount,
           CASE WHEN i.due_on >= %s THEN 0 WHEN i.due_on >= %s THEN 1 WHEN i.due_on >= %s THEN 2
                WHEN i.due_on >= %s THEN 3 ELSE 4 END AS bucket"""
# Half of the smallest unit of any currency keeps SQLite's floating sums from showing items that are paid.
LEAST = "0.0005"
# A day long past: the sum of all that was booked until then.
FORWARD = f"""
    {ROW.format(amount="e.amount")}
    FROM (
        SELECT invoice_id, SUM(amount) AS amount FROM invoices_entry
        WHERE invoice_id IS NOT NULL AND booked_on <= %s {{among}} GROUP BY invoice_id HAVING SUM(amount) > {LEAST}
    ) e JOIN invoices_invoice i ON i.id = e.invoice_id
"""
# A day not long past: what is open now, less what was booked since. The first half has not moved since that day.
BACKWARD = f"""
    {ROW.format(amount="i.open_amount")}
    FROM invoices_invoice i
    WHERE i.open_amount > 0 {{among}} AND NOT EXISTS (
        SELECT 1 FROM invoices_entry e WHERE e.invoice_id = i.id AND e.booked_on > %s)
    UNION ALL
    {ROW.format(amount="i.open_amount - e.amount")}
    FROM (
        SELECT invoice_id, SUM(amount) AS amount FROM invoices_entry
        WHERE invoice_id IS NOT NULL AND booked_on > %s {{among}} GROUP BY invoice_id
    ) e JOIN invoices_invoice i ON i.id = e.invoice_id
    WHERE i.open_amount - e.amount > {LEAST}
"""
SUMS = ", ".join(f"SUM(CASE WHEN o.bucket = {n} THEN o.amount ELSE 0 END)" for n in range(len(BUCKETS)))
COUNTS = ", ".join(f"COUNT(CASE WHEN o.bucket = {n} THEN 1 END)" for n in range(len(BUCKETS)))


def open_on(as_of: date, client_ids: Sequence[int] | None = None) -> tuple[str, list[Any]]:
    """SQL and its values: id, number, client_id, currency, issued_on, due_on, total_amount, amount, bucket.
    Each part of an invoice in parts is a row.

    Both ways give the same rows; the one that reads fewer entries is taken. Measured on PostgreSQL with 1,000,000
    open items, totals by currency: backward 0.5 s today and 1.3 s past 5 % of the entries, forward 1.4 s past half.
    """
    clause, ids = among("client_id", client_ids)
    limits, day = [as_stored(as_of - timedelta(days=days)) for days in LIMITS], as_stored(as_of)
    if _is_nearer_to_the_first_entry(as_of):
        return by_due_date(FORWARD.format(among=clause), [*limits, day, *ids], as_of)
    return by_due_date(BACKWARD.format(among=clause), [*limits, *ids, day, *limits, day, *ids], as_of)


def _is_nearer_to_the_first_entry(day: date) -> bool:
    first, last = next(fetched("SELECT MIN(booked_on), MAX(booked_on) FROM invoices_entry"))
    return first is not None and day - as_date(first) < as_date(last) - day


def among(column: str, ids: Sequence[int] | None) -> tuple[str, list[int]]:
    if ids is None:
        return "", []
    return f"AND {column} IN ({', '.join(['%s'] * len(ids)) or 'NULL'})", list(ids)


def fetched(sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        while found := cursor.fetchmany(2000):
            yield from found


def amounts(sums: Sequence[Any], currency: str) -> tuple[Decimal, ...]:
    """SQLite sums in floating point; the currency's own rounding restores the exact amount."""
    return tuple(quantise(amount if isinstance(amount, Decimal) else Decimal(str(amount)), currency) for amount in sums)


def as_stored(value: date) -> Any:
    return value.isoformat() if connection.vendor == "sqlite" else value


def as_date(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
