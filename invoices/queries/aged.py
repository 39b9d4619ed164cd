"""The ageing report for a page: summed in the database, so that 100,000 clients cost one pass and 200 rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from ..rules.ageing import BUCKETS
from ..rules.money import quantise

# Open at the end of the day, from the entries: drafts never, a receipt of that day counts as paid. Half of the smallest
# unit of any currency keeps SQLite's floating sums from showing items that are paid.
OPEN_ON = """
    SELECT i.id, i.number, i.client_id, i.currency, i.issued_on, i.due_on, i.total_amount, e.amount,
           CASE WHEN i.due_on >= %s THEN 0 WHEN i.due_on >= %s THEN 1 WHEN i.due_on >= %s THEN 2
                WHEN i.due_on >= %s THEN 3 ELSE 4 END AS bucket
    FROM (
        SELECT invoice_id, SUM(amount) AS amount FROM invoices_entry
        WHERE invoice_id IS NOT NULL AND booked_on <= %s
        GROUP BY invoice_id HAVING SUM(amount) > 0.0005
    ) e JOIN invoices_invoice i ON i.id = e.invoice_id
"""
SUMS = ", ".join(f"SUM(CASE WHEN o.bucket = {n} THEN o.amount ELSE 0 END)" for n in range(len(BUCKETS)))


class AgedRow(NamedTuple):
    """One client in one currency; `buckets` in the order of `rules.ageing.BUCKETS`."""

    client_id: int
    code: str
    name: str
    currency: str
    open_items: int
    oldest_due_on: date
    buckets: tuple[Decimal, ...]
    credit: Decimal

    @property
    def open_amount(self) -> Decimal:
        return sum(self.buckets, Decimal(0))

    @property
    def overdue_amount(self) -> Decimal:
        return sum(self.buckets[1:], Decimal(0))


class AgedItemRow(NamedTuple):
    invoice_id: int
    number: str
    client_id: int
    client: str
    currency: str
    issued_on: date
    due_on: date
    total_amount: Decimal
    open_amount: Decimal


class AgedCurrency(NamedTuple):
    currency: str
    open_items: int
    counts: tuple[int, ...]
    buckets: tuple[Decimal, ...]
    credit: Decimal

    @property
    def open_amount(self) -> Decimal:
        return sum(self.buckets, Decimal(0))

    @property
    def overdue_amount(self) -> Decimal:
        return sum(self.buckets[1:], Decimal(0))


def aged_currencies(as_of: date) -> list[AgedCurrency]:
    """Each currency's open items by bucket, the largest first; credit on account apart."""
    counts = ", ".join(f"COUNT(CASE WHEN o.bucket = {n} THEN 1 END)" for n in range(len(BUCKETS)))
    sql = f"SELECT o.currency, COUNT(*), {counts}, {SUMS} FROM ({OPEN_ON}) o GROUP BY o.currency"
    credit = _credit_by_currency(as_of)
    found = [
        AgedCurrency(row[0], row[1], tuple(row[2:7]), _amounts(row[7:12], row[0]), credit.pop(row[0], Decimal(0)))
        for row in _rows(sql, _limits(as_of))
    ]
    none = (Decimal(0),) * len(BUCKETS)
    found += [AgedCurrency(currency, 0, (0,) * len(BUCKETS), none, amount) for currency, amount in credit.items()]
    return sorted(found, key=lambda one: (-one.open_amount, one.currency))


def aged_clients(
    as_of: date, *, currency: str = "", client_ids: Sequence[int] | None = None, limit: int | None = None
) -> Iterator[AgedRow]:
    """Clients with open items, the most overdue first. `client_ids` narrows to the clients that a search found."""
    sql = f"""
        SELECT c.id, c.code, c.name, o.currency, COUNT(*), MIN(o.due_on), {SUMS},
               COALESCE((SELECT -SUM(x.amount) FROM invoices_entry x WHERE x.client_id = c.id AND x.invoice_id IS NULL
                         AND x.currency = o.currency AND x.booked_on <= %s), 0)
        FROM ({OPEN_ON}) o JOIN invoices_client c ON c.id = o.client_id WHERE {{where}}
        GROUP BY c.id, c.code, c.name, o.currency
        ORDER BY SUM(CASE WHEN o.bucket > 0 THEN o.amount ELSE 0 END) DESC, SUM(o.amount) DESC, c.id
    """
    where, values = _where(currency, client_ids)
    sql = sql.format(where=where) + (f" LIMIT {int(limit)}" if limit else "")
    for row in _rows(sql, [_day(as_of), *_limits(as_of), *values]):
        pk, code, name, unit, items, oldest = row[:6]
        credit = quantise(Decimal(str(row[11])), unit)
        yield AgedRow(pk, code, name, unit, items, _as_date(oldest), _amounts(row[6:11], unit), credit)


def aged_items(as_of: date, *, currency: str, bucket: str = "", client_id: int | None = None) -> Iterator[AgedItemRow]:
    """The items that a figure of the report is made of, the oldest first."""
    where, values = _where(currency, [client_id] if client_id else None)
    if bucket:
        where, values = f"{where} AND o.bucket = %s", [*values, BUCKETS.index(bucket)]
    sql = f"""
        SELECT o.id, o.number, c.id, c.name, o.currency, o.issued_on, o.due_on, o.total_amount, o.amount
        FROM ({OPEN_ON}) o JOIN invoices_client c ON c.id = o.client_id WHERE {where} ORDER BY o.due_on, o.id
    """
    for pk, number, client, name, unit, issued_on, due_on, total, amount in _rows(sql, [*_limits(as_of), *values]):
        yield AgedItemRow(
            pk, number or "", client, name, unit, _as_date(issued_on), _as_date(due_on),
            quantise(Decimal(str(total)), unit), quantise(Decimal(str(amount)), unit),
        )  # fmt: skip


def _where(currency: str, client_ids: Sequence[int] | None) -> tuple[str, list[Any]]:
    where, values = ["1 = 1"], []
    if currency:
        where.append("o.currency = %s")
        values.append(currency)
    if client_ids is not None:
        marks = ", ".join(["%s"] * len(client_ids)) or "NULL"
        where.append(f"c.id IN ({marks})")
        values += client_ids
    return " AND ".join(where), values


def _limits(as_of: date) -> list[Any]:
    """The oldest due date of each bucket but the last, and the day of the report."""
    return [*(_day(as_of - timedelta(days=days)) for days in (0, 30, 60, 90)), _day(as_of)]


def _credit_by_currency(as_of: date) -> dict[str, Decimal]:
    sql = """
        SELECT currency, -SUM(amount) FROM invoices_entry WHERE invoice_id IS NULL AND booked_on <= %s GROUP BY currency
    """
    sums = {currency: quantise(Decimal(str(amount)), currency) for currency, amount in _rows(sql, [_day(as_of)])}
    return {currency: amount for currency, amount in sums.items() if amount > 0}


def _rows(sql: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(2000):
            yield from rows


def _amounts(sums: Sequence[Any], currency: str) -> tuple[Decimal, ...]:
    return tuple(quantise(Decimal(str(amount)), currency) for amount in sums)


def _day(value: date) -> Any:
    return value.isoformat() if connection.vendor == "sqlite" else value


def _as_date(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
