"""The ageing report for a page: summed in the database, so that 100,000 clients cost one pass and 200 rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.utils.timezone import localdate

from ..rules.ageing import BUCKETS
from ..rules.money import quantise

# Open at the end of a day, from the entries: drafts never, a receipt of that day counts as paid. Half of the smallest
# unit of any currency keeps SQLite's floating sums from showing items that are paid.
PAST = """
    SELECT i.id, i.number, i.client_id, i.currency, i.issued_on, i.due_on, i.total_amount, e.amount, {bucket} AS bucket
    FROM (
        SELECT invoice_id, SUM(amount) AS amount FROM invoices_entry
        WHERE invoice_id IS NOT NULL AND booked_on <= %s {entry_where}
        GROUP BY invoice_id HAVING SUM(amount) > 0.0005
    ) e JOIN invoices_invoice i ON i.id = e.invoice_id
"""
# Today is read from the stored amounts, as every list shows them: 500,000 open items in a fifth of the time.
TODAY = """
    SELECT i.id, i.number, i.client_id, i.currency, i.issued_on, i.due_on, i.total_amount, i.open_amount AS amount,
           {bucket} AS bucket
    FROM invoices_invoice i WHERE i.open_amount > 0 AND i.issued_on <= %s {entry_where}
"""
BUCKET = """CASE WHEN i.due_on >= %s THEN 0 WHEN i.due_on >= %s THEN 1 WHEN i.due_on >= %s THEN 2
                WHEN i.due_on >= %s THEN 3 ELSE 4 END"""
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
    items, values = _open_items(as_of)
    counts = ", ".join(f"COUNT(CASE WHEN o.bucket = {n} THEN 1 END)" for n in range(len(BUCKETS)))
    sql = f"SELECT o.currency, COUNT(*), {counts}, {SUMS} FROM ({items}) o GROUP BY o.currency"
    credit = _credit_by_currency(as_of)
    found = [
        AgedCurrency(row[0], row[1], tuple(row[2:7]), _amounts(row[7:12], row[0]), credit.pop(row[0], Decimal(0)))
        for row in _rows(sql, values)
    ]
    none = (Decimal(0),) * len(BUCKETS)
    found += [AgedCurrency(currency, 0, (0,) * len(BUCKETS), none, amount) for currency, amount in credit.items()]
    return sorted(found, key=lambda one: (-one.open_amount, one.currency))


def aged_clients(
    as_of: date, *, currency: str = "", client_ids: Sequence[int] | None = None, limit: int | None = None
) -> Iterator[AgedRow]:
    """Clients with open items, the most overdue first. `client_ids` narrows to the clients that a search found."""
    items, values = _open_items(as_of, client_ids)
    where, more = ("WHERE o.currency = %s", [currency]) if currency else ("", [])
    # Names are joined to the sums, not to the items: half the time on a million of them.
    sql = f"""
        SELECT c.id, c.code, c.name, s.* FROM (
            SELECT o.client_id, o.currency, COUNT(*), MIN(o.due_on), {SUMS},
                   SUM(CASE WHEN o.bucket > 0 THEN o.amount ELSE 0 END) AS overdue, SUM(o.amount) AS owed
            FROM ({items}) o {where} GROUP BY o.client_id, o.currency
            ORDER BY overdue DESC, owed DESC, o.client_id {f"LIMIT {int(limit)}" if limit else ""}
        ) s JOIN invoices_client c ON c.id = s.client_id ORDER BY s.overdue DESC, s.owed DESC, c.id
    """
    rows = _rows(sql, [*values, *more])
    if limit:
        rows = list(rows)
        client_ids = [row[0] for row in rows]
    credit = _credit_by_client(as_of, client_ids)
    for pk, code, name, _, unit, count, oldest, *sums in rows:
        left = quantise(Decimal(str(credit.get((pk, unit), 0))), unit)
        yield AgedRow(pk, code, name, unit, count, _as_date(oldest), _amounts(sums[:5], unit), left)


def aged_items(as_of: date, *, currency: str, bucket: str = "", client_id: int | None = None) -> Iterator[AgedItemRow]:
    """The items that a figure of the report is made of, the oldest first."""
    items, values = _open_items(as_of, [client_id] if client_id else None)
    conditions = {"o.currency": currency, "o.bucket": BUCKETS.index(bucket) if bucket else ""}
    chosen = {name: value for name, value in conditions.items() if value != ""}
    where = " AND ".join(f"{name} = %s" for name in chosen) or "1 = 1"
    sql = f"""
        SELECT o.id, o.number, c.id, c.name, o.currency, o.issued_on, o.due_on, o.total_amount, o.amount
        FROM ({items}) o JOIN invoices_client c ON c.id = o.client_id WHERE {where} ORDER BY o.due_on, o.id
    """
    for pk, number, client, name, unit, issued_on, due_on, *amounts in _rows(sql, [*values, *chosen.values()]):
        total, left = _amounts(amounts, unit)
        yield AgedItemRow(pk, number or "", client, name, unit, _as_date(issued_on), _as_date(due_on), total, left)


def _open_items(as_of: date, client_ids: Sequence[int] | None = None) -> tuple[str, list[Any]]:
    """The SQL of the open items with its values; of some clients only, when given."""
    where, ids = _among("client_id", client_ids)
    limits = [_day(as_of - timedelta(days=days)) for days in (0, 30, 60, 90)]
    text = TODAY if as_of == localdate() and not _has_money_to_come(as_of) else PAST
    return text.format(bucket=BUCKET, entry_where=where), [*limits, _day(as_of), *ids]


def _has_money_to_come(today: date) -> bool:
    """Whether a receipt or credit note bears a later date: stored amounts count it already, today's report does not."""
    sql = """SELECT EXISTS (SELECT 1 FROM invoices_receipt WHERE received_on > %s)
                 OR EXISTS (SELECT 1 FROM invoices_creditnote WHERE issued_on > %s)"""
    return bool(next(_rows(sql, [_day(today)] * 2))[0])


def _among(column: str, ids: Sequence[int] | None) -> tuple[str, list[int]]:
    if ids is None:
        return "", []
    return f"AND {column} IN ({', '.join(['%s'] * len(ids)) or 'NULL'})", list(ids)


def _credit_by_client(as_of: date, client_ids: Sequence[int] | None) -> dict[tuple[int, str], Any]:
    where, ids = _among("client_id", client_ids)
    sql = f"""
        SELECT client_id, currency, -SUM(amount) FROM invoices_entry
        WHERE invoice_id IS NULL AND booked_on <= %s {where} GROUP BY client_id, currency
    """
    return {(pk, currency): amount for pk, currency, amount in _rows(sql, [_day(as_of), *ids])}


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
