"""Run the planner over days to come, or gone by, as if every notice left on the day it was proposed. Pure.

The days are not walked one by one: the planner says when to look again, and money that moves wakes a client, as it
does in the product. So a client costs what happens to him.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .guardrails import COUNTED, Touch
from .planner import UNKNOWN, plan
from .records import Account, Item, Procedure, Proposal

ONE_DAY = timedelta(days=1)
ZERO = Decimal(0)


class Movement(NamedTuple):
    """An entry of the ledger: positive is owed more. Without an invoice it moves the money on account.

    It counts from the day after: what is paid on a day is paid that evening (design: metrics.md).
    """

    on: date
    invoice_id: int | None
    currency: str
    amount: Decimal


class Happening(NamedTuple):
    """One proposal, and the day on which it was made and left."""

    on: date
    proposal: Proposal


def simulate(
    account: Account, procedure: Procedure, first_on: date, last_on: date, movements: Sequence[Movement] = ()
) -> Iterator[Happening]:
    """What this client hears from the first day through the last, both included.

    `account.items` holds every item that is open at some time, with what was open before the first movement; those
    with nothing open yet are silent. `movements` in order of their dates.
    """
    world = _World(under_way_left(account, procedure, first_on), movements)
    today: date | None = first_on
    while today is not None and today <= last_on:
        world.book_until(today)
        found = plan(world.account, procedure, today)
        for proposal in found.proposals:
            yield Happening(today, proposal)
            world.told(proposal, today)
        today = _next_look(found.review_on, world.next_movement_on, today)


def _next_look(review_on: date | None, moved_on: date | None, today: date) -> date | None:
    looks = [on for on in (review_on, moved_on and moved_on + ONE_DAY) if on is not None]
    return max(min(looks), today + ONE_DAY) if looks else None


def under_way_left(account: Account, procedure: Procedure, on: date) -> Account:
    """As if what is under way left on that day. What nobody knows the outcome of keeps the client silent."""
    pending = account.pending
    if pending is None or pending.status == UNKNOWN:
        return account
    days = next((level.deadline_days for level in procedure.levels if level.position == pending.position), None)
    deadline_on = on + timedelta(days=days) if days else None
    items = [
        item._replace(reached_on=on, deadline_on=item.deadline_on or deadline_on)
        if item.reached and item.reached_on is None
        else item
        for item in account.items
    ]
    return account._replace(items=items, pending=None, last_contact_on=on)


class _World:
    """One client as the days go by."""

    def __init__(self, account: Account, movements: Sequence[Movement]) -> None:
        self._start = account
        self._items = {item.invoice_id: item for item in account.items}
        self._credit = dict(account.credit)
        self._movements = movements
        self._booked = 0

    @property
    def account(self) -> Account:
        items: list[Item] = [item for item in self._items.values() if item.open_amount > ZERO]
        return self._start._replace(items=items, credit=self._credit)

    @property
    def next_movement_on(self) -> date | None:
        return self._movements[self._booked].on if self._booked < len(self._movements) else None

    def book_until(self, today: date) -> None:
        """Everything dated before today."""
        while (on := self.next_movement_on) and on < today:
            _, invoice_id, currency, amount = self._movements[self._booked]
            self._booked += 1
            if invoice_id is None:
                self._credit[currency] = self._credit.get(currency, ZERO) - amount
            elif item := self._items.get(invoice_id):
                self._items[invoice_id] = item._replace(open_amount=item.open_amount + amount)

    def told(self, proposal: Proposal, on: date) -> None:
        """It left: its levels are reached, and the client was contacted; a decision is internal."""
        level = proposal.level
        is_internal = level.channel in ("call", "decide")  # nothing is printed, so there is no deadline
        deadline_on = on + timedelta(days=level.deadline_days) if level.deadline_days and not is_internal else None
        for line in proposal.lines:
            self._items[line.invoice_id] = self._items[line.invoice_id]._replace(
                reached=line.position, reached_on=on, deadline_on=deadline_on
            )
        if level.channel != "decide":
            self._start = self._start._replace(last_contact_on=on)
        if level.channel in COUNTED and level.channel != "call":  # a call counts by its outcome, and has none here
            self._start = self._start._replace(history=(*self._start.history, Touch(on, level.channel)))
