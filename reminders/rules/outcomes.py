"""What each call outcome counts as, and when the call comes back (design: screens.md, call mode). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from invoices.rules.calendar import add_business_days


class Next(NamedTuple):
    """`again_on`: the call stays in the queue for that day; None: the call is done."""

    again_on: date | None
    counts_as: str  # "attempt", "contact" or "none"


MOST_ATTEMPTS = 3
# Business days until the call is made again. A copy was sent: is it right, and when is it paid?
RETRY_DAYS = {"no_answer": 1, "voicemail": 2, "gatekeeper": 1}
FOLLOW_UP_DAYS = {"needs_copy": 2}
COUNTS_AS = {"no_answer": "attempt", "voicemail": "attempt", "gatekeeper": "attempt", "wrong_number": "none"}
FEWEST_CALLS = 3  # fewer tell nothing about the best hour


def after(outcome: str, attempts: int, today: date, country: str = "", region: str = "") -> Next:
    """`attempts` counts this one. After three unanswered attempts the call is done and the sequence goes on."""
    counts_as = COUNTS_AS.get(outcome, "contact")
    if outcome in FOLLOW_UP_DAYS:
        return Next(add_business_days(country, region, today, FOLLOW_UP_DAYS[outcome]), counts_as)
    if outcome in RETRY_DAYS and attempts < MOST_ATTEMPTS:
        return Next(add_business_days(country, region, today, RETRY_DAYS[outcome]), counts_as)
    return Next(None, counts_as)


def is_given_up(outcome: str, attempts: int) -> bool:
    """Nobody was reached as often as we try: a mail with the link takes the place of the next call."""
    return outcome in RETRY_DAYS and attempts >= MOST_ATTEMPTS


def best_hour(calls: Iterable[tuple[int, str]]) -> int | None:
    """The hour of the client's day in which most of his past calls reached him; None while too few are known.

    `calls`: (hour, outcome). Of two equal hours the earlier.
    """
    reached: dict[int, list[bool]] = defaultdict(list)
    for hour, outcome in calls:
        if COUNTS_AS.get(outcome) != "none":
            reached[hour].append(outcome not in COUNTS_AS)
    tries = sum(len(found) for found in reached.values())
    shares = {hour: sum(found) / len(found) for hour, found in reached.items() if any(found)}
    if tries < FEWEST_CALLS or not shares:
        return None
    return min(shares, key=lambda hour: (-shares[hour], -sum(reached[hour]), hour))
