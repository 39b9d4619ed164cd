"""The statement of account: every movement of a period with a running balance, or what is open at its end.

Balance-forward: opening + movements = closing. Open-item: the items open at the end; they sum to the same closing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .money import ZERO


class StatementKind(StrEnum):
    """What the statement lists; the closing balance is the same."""

    OPEN_ITEM = "open_item"
    BALANCE_FORWARD = "balance_forward"

    @property
    def label(self) -> str:
        return "Open items" if self is StatementKind.OPEN_ITEM else "All movements"


class Movement(NamedTuple):
    """One entry that changes the balance: positive is owed more. `what` is printed."""

    on: date
    what: str
    document: str
    amount: Decimal


class Row(NamedTuple):
    on: date
    what: str
    document: str
    amount: Decimal
    balance: Decimal


class Statement(NamedTuple):
    opening: Decimal
    rows: tuple[Row, ...]
    closing: Decimal
    invoiced: Decimal
    credited: Decimal


def statement(movements: Sequence[Movement], first_on: date, last_on: date) -> Statement:
    """The movements of one currency, as a statement for `first_on` to `last_on`, both days included.

    Movements of a day keep their order. Raises ValueError when the period is upside down.
    """
    if last_on < first_on:
        raise ValueError(f"The period ends on {last_on:%d %B %Y}, before it begins on {first_on:%d %B %Y}.")
    balance = opening = sum((m.amount for m in movements if m.on < first_on), ZERO)
    rows = []
    for m in sorted((m for m in movements if first_on <= m.on <= last_on), key=lambda m: m.on):
        balance += m.amount
        rows.append(Row(m.on, m.what, m.document, m.amount, balance))
    invoiced = sum((row.amount for row in rows if row.amount > ZERO), ZERO)
    return Statement(opening, tuple(rows), balance, invoiced, invoiced - (balance - opening))
