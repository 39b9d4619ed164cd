"""Records for the tables of the planner: one client, one procedure, 2026-03-10 (a Tuesday)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from reminders.rules.records import Account, Block, Code, Item, Level, Pending, Plan, Procedure, Promise

TODAY = date(2026, 3, 10)
D = Decimal


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def level(position: int, days: int, channel: str = "email", **given: Any) -> Level:
    return Level(position, position, f"Level {position}", days, channel, **given)


# -3, +1, +7 mail, +10 call above 250, +30 letter with a deadline, +60 decision
LEVELS = (
    level(1, -3),
    level(2, 1),
    level(3, 7),
    level(4, 10, "call", minimum_amount=D(250)),
    level(5, 30, "letter", deadline_days=10, is_automatic=False),
    level(6, 60, "decide"),
)
PROCEDURE = Procedure(1, "Test", LEVELS)


def item(days_late: int = 1, amount: str = "100.00", *, pk: int = 1, **given: Any) -> Item:
    return Item(pk, day(-days_late), D(amount), given.pop("currency", "EUR"), **given)


def account(*items: Item, **given: Any) -> Account:
    return Account(7, items=items or (item(),), **given)


def block(last: int | None, *, first: int = -1, **given: Any) -> Block:
    return Block("manual", day(first), None if last is None else day(last), **given)


def promise(grace: int, *pks: int) -> Promise:
    return Promise(D(50), "EUR", day(grace - 2), day(grace), frozenset(pks or (1,)))


def pending(status: str = "approved") -> Pending:
    return Pending(5, status, 2)


def said(plan: Plan) -> list[tuple[str, list[tuple[int, int]]]]:
    """What is proposed: (channel, [(invoice, level)])."""
    return [(p.level.channel, [(line.invoice_id, line.position) for line in p.lines]) for p in plan.proposals]


def codes(plan: Plan) -> list[Code]:
    return [reason.code for reason in plan.reasons]
