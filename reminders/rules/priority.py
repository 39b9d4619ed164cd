"""Who is called first: amount x days past due, in whole units; a start, until results can be learned from."""

from __future__ import annotations

from datetime import date

from .records import Account


def call_priority(account: Account, today: date) -> int:
    """Higher is called first. A large new item and a small old one may rank alike; capped for the column."""
    weight = sum(int(item.open_amount) * max(1, (today - item.due_on).days) for item in account.items)
    return min(weight, 2_000_000_000)
