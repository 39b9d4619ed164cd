"""What a simulation adds up to: a summary of fixed size, however many clients are looked at. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from .records import Level
from .simulating import Happening

EXAMPLES = 50
# What a step costs a person, in minutes: an estimate that the page names, not a measurement.
MINUTES = {"call": Decimal(8), "letter": Decimal(2), "decide": Decimal(15)}
MINUTES_TO_APPROVE = Decimal(1)
NOBODY = "Nobody in particular"


class Budget(NamedTuple):
    """At most so many contacts in any `days` days."""

    most: int
    days: int


class Tally:
    """Notices by day, level and channel; calls by collector; clients over the budget; minutes of people."""

    def __init__(self, budgets: Sequence[Budget] = ()) -> None:
        self._budgets = budgets
        self._days: Counter[tuple[str, str]] = Counter()
        self._levels: Counter[tuple[int, str, str]] = Counter()
        self._amounts: Counter[tuple[int, str, str]] = Counter()
        self._calls: Counter[str] = Counter()
        self._contacted = 0
        self._over: list[str] = []
        self._over_count = 0
        self._minutes = Decimal(0)

    def add(self, client: str, collector: str, happenings: Sequence[Happening]) -> None:
        """One client's whole time."""
        contacts = [one.on for one in happenings if one.proposal.level.channel != "decide"]
        self._contacted += bool(contacts)
        for one in happenings:
            self._count(one, collector)
        if any(is_over(contacts, budget) for budget in self._budgets):
            self._over_count += 1
            if len(self._over) < EXAMPLES:
                self._over.append(client)

    def _count(self, one: Happening, collector: str) -> None:
        level = one.proposal.level
        self._days[one.on.isoformat(), level.channel] += 1
        self._levels[level.position, level.name, level.channel] += 1
        if level.channel == "call":
            self._calls[collector or NOBODY] += 1
        self._minutes += minutes_of(level)
        for line in one.proposal.lines:
            self._amounts[level.position, level.name, line.currency] += line.amount  # type: ignore[assignment]

    def as_json(self) -> dict[str, Any]:
        """Days in order with what each channel has on them; levels in order; minutes as a number."""
        by_day: dict[str, dict[str, int]] = {}
        channels: Counter[str] = Counter()
        for (on, channel), count in sorted(self._days.items()):
            by_day.setdefault(on, {})[channel] = count
            channels[channel] += count
        return {
            "proposed": sum(channels.values()),
            "contacted": self._contacted,
            "channels": dict(channels),
            "by_day": [{"on": on, **counts} for on, counts in by_day.items()],
            "by_level": [self._level(*key, count) for key, count in sorted(self._levels.items())],
            "calls": dict(self._calls.most_common()),
            "over_budget": {"clients": self._over_count, "first": self._over},
            "minutes": float(self._minutes),
        }

    def _level(self, position: int, name: str, channel: str, count: int) -> dict[str, Any]:
        found = sorted((key[2], amount) for key, amount in self._amounts.items() if key[:2] == (position, name))
        amounts = {currency: str(amount) for currency, amount in found}
        return {"position": position, "name": name, "channel": channel, "count": count, "amounts": amounts}


class Differences:
    """How many contacts each client has under one procedure and under another."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter(more=0, fewer=0, otherwise=0, same=0)
        self._first: list[dict[str, object]] = []

    def add(self, client: str, here: Sequence[Happening], there: Sequence[Happening]) -> None:
        mine, theirs = what(here), what(there)
        if mine == theirs:
            self._counts["same"] += 1
            return
        kind = "more" if len(mine) > len(theirs) else "fewer" if len(mine) < len(theirs) else "otherwise"
        self._counts[kind] += 1
        if len(self._first) < EXAMPLES:
            self._first.append({"client": client, "here": len(mine), "current": len(theirs)})

    def as_json(self) -> dict[str, Any]:
        return {**self._counts, "first": self._first}


def what(happenings: Sequence[Happening]) -> list[tuple[date, str, str]]:
    return [(one.on, one.proposal.level.name, one.proposal.level.channel) for one in happenings]


def is_over(contacts: Sequence[date], budget: Budget) -> bool:
    """Whether any `days` days in a row hold more than `most` contacts; `contacts` in order."""
    span = timedelta(days=budget.days)
    return any(contacts[n + budget.most] - contacts[n] < span for n in range(len(contacts) - budget.most))


def minutes_of(level: Level) -> Decimal:
    approving = Decimal(0) if level.is_automatic or level.channel in ("call", "decide") else MINUTES_TO_APPROVE
    return MINUTES.get(level.channel, Decimal(0)) + approving
