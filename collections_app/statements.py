"""A statement of account as the pages of staff and clients show it, and as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from invoices.queries.statements import AccountStatement
from invoices.rules.statement import StatementKind

from .dashboard.columns import Column

LINES_SHOWN = 200


class Line(NamedTuple):
    """One line of the CSV: an open item, money on account, or a movement; then the balance it leads to."""

    on: date
    what: str
    document: str
    due_on: date | None
    days_past_due: int | None
    amount: Decimal
    balance: Decimal
    currency: str


COLUMNS = [
    Column("on", "Date", "date"),
    Column("what", "What"),
    Column("document", "Document"),
    Column("due_on", "Due", "date"),
    Column("days_past_due", "Days past due", "number"),
    Column("amount", "Amount", "money"),
    Column("balance", "Balance", "money"),
]


def csv_rows(found: AccountStatement, kind: StatementKind) -> Iterator[Line]:
    return _open_items(found) if kind is StatementKind.OPEN_ITEM else _movements(found)


def _open_items(found: AccountStatement) -> Iterator[Line]:
    for one in found.currencies:
        balance = Decimal(0)
        for item in one.open_items:
            balance += item.open_amount
            days = item.days_past_due
            yield Line(
                item.issued_on, "Invoice", item.number, item.due_on, days, item.open_amount, balance, one.currency
            )
        for credit in one.credits:
            balance -= credit.amount
            yield Line(credit.on, "On account", credit.document, None, None, -credit.amount, balance, one.currency)


def _movements(found: AccountStatement) -> Iterator[Line]:
    for one in found.currencies:
        opening = one.movements.opening
        yield Line(found.period.first_on, "Brought forward", "", None, None, opening, opening, one.currency)
        for row in one.movements.rows:
            yield Line(row.on, row.what, row.document, None, None, row.amount, row.balance, one.currency)
