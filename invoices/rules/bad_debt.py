"""From when, and until when, the tax on an unpaid invoice can be had back. The rules: data/bad_debt.toml, sourced.

A date alone never makes the claim good: `condition` says what else has to be true.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .money import ZERO, quantise
from .terms import end_of_month


class CountsFrom(StrEnum):
    DUE = "due"
    SUPPLY = "supply"
    LATER = "later"


class Rule(NamedTuple):
    """`from_months` None: there is no fixed wait, the condition decides. `until_months` None: no end is stated."""

    counts_from: CountsFrom
    condition: str
    source: str
    is_confirmed: bool
    from_months: int | None = None
    until_months: int | None = None


class Relief(NamedTuple):
    """`tax` is the part of what is unpaid. `from_on` None: when the condition is met; `until_on` None: no end stated.

    Both days are inclusive.
    """

    tax: Decimal
    from_on: date | None
    until_on: date | None
    rule: Rule

    def is_open(self, today: date) -> bool:
        """Whether the dates allow a claim today; never before a wait that nobody stated is judged by a person."""
        if self.from_on is None or today < self.from_on:
            return False
        return self.until_on is None or today <= self.until_on

    def is_over(self, today: date) -> bool:
        return self.until_on is not None and today > self.until_on


class Unpaid(NamedTuple):
    """An invoice with `amount` of its `total` unpaid: open, or written off and not recovered."""

    due_on: date
    supplied_on: date
    amount: Decimal
    tax: Decimal
    total: Decimal
    currency: str


def relief(unpaid: Unpaid, rule: Rule) -> Relief | None:
    """None where the invoice holds no tax, or nothing is unpaid.

    UK: 1,200.00 with 200.00 of VAT supplied on 2026-01-15 and due on 2026-02-14: from 2026-08-14 to 2030-08-14.
    """
    if not unpaid.total or not unpaid.tax or unpaid.amount <= ZERO:
        return None
    start = _start(unpaid, rule.counts_from)
    tax = quantise(unpaid.amount * unpaid.tax / unpaid.total, unpaid.currency)
    from_on = months_after(start, rule.from_months) if rule.from_months is not None else None
    until_on = months_after(start, rule.until_months) if rule.until_months is not None else None
    return Relief(tax, from_on, until_on, rule)


def _start(unpaid: Unpaid, counts_from: CountsFrom) -> date:
    if counts_from == CountsFrom.LATER:
        return max(unpaid.due_on, unpaid.supplied_on)
    return unpaid.due_on if counts_from == CountsFrom.DUE else unpaid.supplied_on


def months_after(day: date, months: int) -> date:
    """The same day of the month, `months` later; the last day where that month is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    return first.replace(day=min(day.day, end_of_month(first).day))
