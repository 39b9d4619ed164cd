"""What each call outcome does next (design: screens.md, call mode)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from invoices.rules.calendar import add_business_days


class Next(NamedTuple):
    """`again_on`: the call stays in the queue for that day; None: the call is done."""

    again_on: date | None
    counts_as: str  # "attempt", "contact" or "none"


MOST_ATTEMPTS = 3
RETRY_DAYS = {"no_answer": 1, "voicemail": 2}  # business days


def after(outcome: str, attempts: int, today: date, country: str = "", region: str = "") -> Next:
    """`attempts` counts this one. After three unanswered attempts the call is done and the sequence goes on."""
    if outcome in RETRY_DAYS:
        if attempts >= MOST_ATTEMPTS:
            return Next(None, "attempt")
        return Next(add_business_days(country, region, today, RETRY_DAYS[outcome]), "attempt")
    return Next(None, "none" if outcome == "wrong_number" else "contact")
