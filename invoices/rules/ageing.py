"""Ageing: how late an open item is, and which bucket that falls in (design: metrics.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .money import ZERO

BUCKETS = ("current", "1-30", "31-60", "61-90", "90+")
LIMITS = (0, 30, 60, 90)


class AgedItem(NamedTuple):
    client: str
    currency: str
    due_on: date
    amount: Decimal


@dataclass
class Bucket:
    items: int = 0
    amount: Decimal = ZERO


@dataclass
class AgedBalance:
    """One currency, of one client or of all. Credit on account is a column of its own, never hidden in a bucket."""

    open_items: int = 0
    open_amount: Decimal = ZERO
    overdue_amount: Decimal = ZERO
    credit: Decimal = ZERO
    oldest_days_past_due: int | None = None
    buckets: dict[str, Bucket] = field(default_factory=lambda: {name: Bucket() for name in BUCKETS})

    def add(self, amount: Decimal, days: int) -> None:
        self.open_items += 1
        self.open_amount += amount
        if days > 0:
            self.overdue_amount += amount
        if self.oldest_days_past_due is None or days > self.oldest_days_past_due:
            self.oldest_days_past_due = days
        entry = self.buckets[bucket(days)]
        entry.items += 1
        entry.amount += amount

    def include(self, other: AgedBalance) -> None:
        """Add another balance in the same currency."""
        self.open_items += other.open_items
        self.open_amount += other.open_amount
        self.overdue_amount += other.overdue_amount
        self.credit += other.credit
        known = [days for days in (self.oldest_days_past_due, other.oldest_days_past_due) if days is not None]
        self.oldest_days_past_due = max(known, default=None)
        for name, part in other.buckets.items():
            self.buckets[name].items += part.items
            self.buckets[name].amount += part.amount


def days_past_due(due_on: date, today: date) -> int:
    """Days after the due date; 0 on it, negative before."""
    return (today - due_on).days


def bucket(days: int) -> str:
    """The bucket of an item `days` past due: due today is current, 90 is "61-90", 91 is "90+"."""
    for limit, name in zip(LIMITS, BUCKETS, strict=False):
        if days <= limit:
            return name
    return BUCKETS[-1]


def age(items: Iterable[AgedItem], as_of: date) -> tuple[dict[str, AgedBalance], dict[tuple[str, str], AgedBalance]]:
    """Age open items: by currency, and by (client, currency). Currencies are never added."""
    totals: dict[str, AgedBalance] = {}
    clients: dict[tuple[str, str], AgedBalance] = {}
    for item in items:
        days = days_past_due(item.due_on, as_of)
        totals.setdefault(item.currency, AgedBalance()).add(item.amount, days)
        clients.setdefault((item.client, item.currency), AgedBalance()).add(item.amount, days)
    return totals, clients
