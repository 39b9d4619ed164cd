"""Promises to pay: what may be promised, until when we keep silent, and whether it was kept (engine.md 1.8)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from invoices.rules.calendar import add_business_days

LONGEST_DAYS = 30
MOST_OPEN = 3


class Verdict(StrEnum):
    KEPT = "kept"
    PARTLY_KEPT = "partly_kept"
    BROKEN = "broken"


def grace_until(country: str, region: str, promised_on: date, days: int) -> date:
    """The last day on which nothing is sent about a promise: its date plus `days` business days."""
    return add_business_days(country, region, promised_on, days)


def tolerance(amount: Decimal) -> Decimal:
    """A promise may fall short by the larger of 1.00 and 1 %."""
    return max(Decimal(1), amount / 100)


def verdict(promised: Decimal, paid: Decimal) -> Verdict:
    """Judged by what was allocated to the promised items between making and grace."""
    if paid >= promised - tolerance(promised):
        return Verdict.KEPT
    return Verdict.PARTLY_KEPT if paid > 0 else Verdict.BROKEN


def refusal(today: date, promised_on: date, amount: Decimal, owed: Decimal, open_promises: int) -> str | None:
    """Why this promise cannot be taken without staff, as a sentence; None when it can."""
    if promised_on < today:
        return f"{promised_on:%d %B %Y} is past; promise a day from today on."
    if promised_on > today + timedelta(days=LONGEST_DAYS):
        return f"The latest date we can accept is {today + timedelta(days=LONGEST_DAYS):%d %B %Y}."
    if amount <= 0:
        return "Promise an amount above 0."
    if amount > owed:
        return f"{amount:f} is more than the {owed:f} that is open on these invoices."
    if open_promises >= MOST_OPEN:
        return f"{open_promises} promises are open already; keep or change one of them first."
    return None
