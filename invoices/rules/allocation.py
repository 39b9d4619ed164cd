"""Which open items a receipt pays. Pure: amounts in, (item, amount) pairs out; the rest stays on account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .money import ZERO


class Payable(NamedTuple):
    invoice_id: int
    number: str
    due_on: date
    open_amount: Decimal


class Share(NamedTuple):
    invoice_id: int
    amount: Decimal


def in_order(amount: Decimal, items: Sequence[Payable]) -> list[Share]:
    """Pay items one after the other until the amount is used up: 25 on 4/7/9 gives 4/7/9 (and 5 on account)."""
    shares = []
    for item in items:
        part = min(amount, item.open_amount)
        if part <= ZERO:
            break
        shares.append(Share(item.invoice_id, part))
        amount -= part
    return shares


def oldest_first(amount: Decimal, items: Sequence[Payable]) -> list[Share]:
    """By due date, then number."""
    return in_order(amount, sorted(items, key=lambda item: (item.due_on, item.number)))


def suggest(amount: Decimal, items: Sequence[Payable]) -> list[Share]:
    """The single item open with exactly this amount, if there is just one; else the oldest first."""
    exact = [item for item in items if item.open_amount == amount]
    return [Share(exact[0].invoice_id, amount)] if len(exact) == 1 else oldest_first(amount, items)
