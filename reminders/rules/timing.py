"""Which level an item takes next, and the first day on which it may (design: engine.md 1.1 to 1.3)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from invoices.rules.calendar import add_business_days

from .records import Account, Item, Level, Procedure

ONE_DAY = timedelta(days=1)


class Step(NamedTuple):
    item: Item
    amount: Decimal
    level: Level
    earliest: date


def next_level(item: Item, procedure: Procedure, owed: Decimal, today: date) -> Level | None:
    """The first level the item has not been through; None at the end of the procedure.

    In order and never skipped, however old the item is. Two kinds are passed over: levels before the due date once
    the item is past due, and levels with a floor above what the client owes.
    """
    for level in procedure.levels:
        if level.position <= item.reached:
            continue
        if level.days_past_due < 0 and today > item.due_on:
            continue
        if level.minimum_amount > owed:
            continue
        return level
    return None


def passed_over(item: Item, level: Level, procedure: Procedure, owed: Decimal) -> list[Level]:
    """The levels between the last one reached and `level` that are left out because too little is owed."""
    if level.position == item.reached + 1:
        return []
    return [lv for lv in procedure.levels if item.reached < lv.position < level.position and lv.minimum_amount > owed]


def earliest_date(item: Item, level: Level, account: Account, procedure: Procedure) -> date:
    """The latest of: due date + the level's days; the real send of the level before + the difference of their days;
    the day after the deadline printed last.
    """
    if level.is_in_business_days:
        earliest = add_business_days(account.country, account.region, item.due_on, level.days_past_due)
    else:
        earliest = item.due_on + timedelta(days=level.days_past_due)
    if item.reached and item.reached_on:
        before = next((lv for lv in procedure.levels if lv.position == item.reached), None)
        if before is not None:
            gap = timedelta(days=level.days_past_due - before.days_past_due)
            earliest = max(earliest, item.reached_on + gap)
    if item.deadline_on:
        earliest = max(earliest, item.deadline_on + ONE_DAY)
    return earliest
