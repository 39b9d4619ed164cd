"""Which level an item takes next, and the first day on which it may (design: engine.md 1.1 to 1.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from invoices.rules.calendar import add_business_days

from .records import Account, Entry, Item, Level, Procedure

ONE_DAY = timedelta(days=1)


class Step(NamedTuple):
    item: Item
    amount: Decimal
    level: Level
    earliest: date


class Frame(NamedTuple):
    """What the next step of an item depends on besides itself. `owed`: all that may be asked for, by currency."""

    account: Account
    procedure: Procedure
    owed: Mapping[str, Decimal]
    today: date


def next_level(item: Item, procedure: Procedure, owed: Decimal, today: date) -> Level | None:
    """The first level the item has not been through; None at the end of the procedure."""
    return next(levels_left(item, procedure, owed, today), None)


def levels_left(item: Item, procedure: Procedure, owed: Decimal, today: date) -> Iterator[Level]:
    """The levels still to come, in order and never skipped, however old the item is.

    Three kinds are passed over: levels before the due date once the item is past due, levels with a floor above what
    the client owes, and those below the one at which the item entered the procedure.
    """
    entered = entry_level(item, procedure)
    for level in procedure.levels:
        if level.position <= item.reached:
            continue
        if level.days_past_due < 0 and today > item.due_on:
            continue
        if level.minimum_amount > owed:
            continue
        if entered and level.position < entered.position:
            continue
        yield level


def entry_level(item: Item, procedure: Procedure) -> Level | None:
    """Where the entry policy "fitting" puts an item that was late already when the procedure was switched on: the
    last level whose day had come then. None for all others.
    """
    if procedure.entry is not Entry.FITTING or procedure.switched_on is None or item.reached:
        return None
    late = (procedure.switched_on - item.due_on).days
    fitting = [level for level in procedure.levels if 0 <= level.days_past_due <= late and level.channel != "decide"]
    return fitting[-1] if fitting else None


def passed_over(item: Item, level: Level, procedure: Procedure, owed: Decimal) -> list[Level]:
    """The levels between the last one reached and `level` that are left out because too little is owed."""
    if level.position == item.reached + 1:
        return []
    return [lv for lv in procedure.levels if item.reached < lv.position < level.position and lv.minimum_amount > owed]


def earliest_date(item: Item, level: Level, account: Account, procedure: Procedure) -> date:
    """The latest of: due date + the level's days; the real send of the level before + the difference of their days, or
    the level's own gap; the day after the deadline printed last.
    """
    if level.is_in_business_days:
        earliest = add_business_days(account.country, account.region, item.due_on, level.days_past_due)
    else:
        earliest = item.due_on + timedelta(days=level.days_past_due)
    if item.reached and item.reached_on:
        before = next((lv for lv in procedure.levels if lv.position == item.reached), None)
        if before is not None:
            gap = max(level.days_past_due - before.days_past_due, level.minimum_gap_days)
            earliest = max(earliest, item.reached_on + timedelta(days=gap))
    if item.deadline_on:
        earliest = max(earliest, item.deadline_on + ONE_DAY)
    return earliest


def next_step(item: Item, amount: Decimal, frame: Frame) -> tuple[Step | None, Level | None]:
    """The item's next step, and the level before it that cannot go out because its channel is closed.

    Such a level waits until the next one that can go out has come, which then takes its place: no refused call and no
    lost address stops a procedure for good.
    """
    account, procedure = frame.account, frame.procedure
    shut: Level | None = None
    for level in levels_left(item, procedure, frame.owed[item.currency], frame.today):
        if not is_closed(level, account):
            return Step(item, amount, level, earliest_date(item, level, account, procedure)), shut
        shut = shut or level
    return None, shut


def is_closed(level: Level, account: Account) -> bool:
    return level.channel in account.closed or (account.is_contact_missing and level.channel == "email")
