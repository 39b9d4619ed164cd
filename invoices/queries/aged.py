"""The ageing report for a page: summed in the database, so that 100,000 clients cost one pass and 200 rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from ..rules.ageing import BUCKETS
from ..rules.money import quantise
from .open_on import COUNTS, SUMS, among, amounts, as_date, as_stored, fetched, open_on


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
    items, values = open_on(as_of)
    sql = f"SELECT o.currency, COUNT(*), {COUNTS}, {SUMS} FROM ({items}) o GROUP BY o.currency"
    credit = _credit_by_currency(as_of)
    found = [
        AgedCurrency(row[0], row[1], tuple(row[2:7]), amounts(row[7:12], row[0]), credit.pop(row[0], Decimal(0)))
        for row in fetched(sql, values)
    ]
    none = (Decimal(0),) * len(BUCKETS)
    found += [AgedCurrency(currency, 0, (0,) * len(BUCKETS), none, amount) for currency, amount in credit.items()]
    return sorted(found, key=lambda one: (-one.open_amount, one.currency))


def aged_clients(
    as_of: date, *, currency: str = "", client_ids: Sequence[int] | None = None, limit: int | None = None
) -> Iterator[AgedRow]:
    """Clients with open items, the most overdue first. `client_ids` narrows to the clients that a search found."""
    items, values = open_on(as_of, client_ids)
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
    found = fetched(sql, [*values, *more])
    if limit:
        found = list(found)
        client_ids = [row[0] for row in found]
    credit = _credit_by_client(as_of, client_ids)
    for pk, code, name, _, unit, count, oldest, *sums in found:
        left = quantise(Decimal(str(credit.get((pk, unit), 0))), unit)
        yield AgedRow(pk, code, name, unit, count, as_date(oldest), amounts(sums[:5], unit), left)


def aged_items(as_of: date, *, currency: str, bucket: str = "", client_id: int | None = None) -> Iterator[AgedItemRow]:
    """The items that a figure of the report is made of, the oldest first."""
    items, values = open_on(as_of, [client_id] if client_id else None)
    conditions = {"o.currency": currency, "o.bucket": BUCKETS.index(bucket) if bucket else ""}
    chosen = {name: value for name, value in conditions.items() if value != ""}
    where = " AND ".join(f"{name} = %s" for name in chosen) or "1 = 1"
    sql = f"""
        SELECT o.id, o.number, c.id, c.name, o.currency, o.issued_on, o.due_on, o.total_amount, o.amount
        FROM ({items}) o JOIN invoices_client c ON c.id = o.client_id WHERE {where} ORDER BY o.due_on, o.id
    """
    for pk, number, client, name, unit, issued_on, due_on, *sums in fetched(sql, [*values, *chosen.values()]):
        total, left = amounts(sums, unit)
        yield AgedItemRow(pk, number or "", client, name, unit, as_date(issued_on), as_date(due_on), total, left)


def _credit_by_client(as_of: date, client_ids: Sequence[int] | None) -> dict[tuple[int, str], Any]:
    where, ids = among("client_id", client_ids)
    sql = f"""
        SELECT client_id, currency, -SUM(amount) FROM invoices_entry
        WHERE invoice_id IS NULL AND booked_on <= %s {where} GROUP BY client_id, currency
    """
    return {(pk, currency): amount for pk, currency, amount in fetched(sql, [as_stored(as_of), *ids])}


def _credit_by_currency(as_of: date) -> dict[str, Decimal]:
    sql = """
        SELECT currency, -SUM(amount) FROM invoices_entry WHERE invoice_id IS NULL AND booked_on <= %s GROUP BY currency
    """
    sums = {currency: quantise(Decimal(str(amount)), currency) for currency, amount in fetched(sql, [as_stored(as_of)])}
    return {currency: amount for currency, amount in sums.items() if amount > 0}
