"""How much of each open item may be asked for (design: engine.md 1.5 to 1.8).

Chaseable = open - parts due later - disputed - on its way - credit on account (oldest item first); nothing while
promised, blocked, in a payment plan or under an offered settlement.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from .records import Account, Block, Code, Entry, Item, Offered, PlanHold, Procedure, Reason

ONE_DAY = timedelta(days=1)
LOOK_AGAIN = timedelta(days=7)
ZERO = Decimal(0)


class Chase(NamedTuple):
    """What may be asked for, why the rest may not, and the first date on which that changes by itself."""

    items: list[tuple[Item, Decimal]]
    reasons: list[Reason]
    wake: list[date]


def chaseable_items(account: Account, procedure: Procedure, today: date) -> Chase:
    credit = dict(account.credit)
    chase = Chase([], [], [account.next_item_on] if account.next_item_on else [])
    for item in sorted(account.items, key=_age) if len(account.items) > 1 else account.items:
        if _is_older(item, account.pins.get(item.invoice_id, procedure) if account.pins else procedure, chase):
            continue
        amount = item.open_amount - (_not_yet_due(item, today, chase) if item.later else ZERO)
        if item.disputed:
            amount -= item.disputed
            chase.reasons.append(Reason(Code.DISPUTED, _figures(item, item.disputed)))
        if item.on_the_way:
            amount -= item.on_the_way
            chase.reasons.append(Reason(Code.ON_THE_WAY, _figures(item, item.on_the_way)))
            chase.wake.append(today + LOOK_AGAIN)  # it may never arrive, and nobody tells us so
        if amount > ZERO and (held := credit.get(item.currency, ZERO)) > ZERO:
            used = min(held, amount)
            credit[item.currency] = held - used
            amount -= used
            if amount <= ZERO:
                chase.reasons.append(Reason(Code.CREDIT_COVERS, _figures(item, used)))
                continue
        if amount <= procedure.tolerance_amount:
            if amount > ZERO:
                chase.reasons.append(Reason(Code.BELOW_TOLERANCE, _figures(item, amount)))
            continue
        if not _is_held(item, account, today, chase):
            chase.items.append((item, amount))
    return chase


def _is_older(item: Item, procedure: Procedure, chase: Chase) -> bool:
    """Whether the procedure takes only newer items than this one; one that it has spoken of already stays."""
    since = procedure.switched_on
    if procedure.entry is not Entry.NEW_ONLY or since is None or item.reached:
        return False
    if item.issued_on is None or item.issued_on >= since:
        return False
    chase.reasons.append(Reason(Code.ENTRY_NEW_ONLY, {"invoice_id": item.invoice_id, "switched_on": since}))
    return True


def _not_yet_due(item: Item, today: date, chase: Chase) -> Decimal:
    """The parts of an invoice after the current one whose date is still to come; they join on that date."""
    coming = [part for part in item.later if part.due_on > today]
    if not coming:
        return ZERO
    amount, next_on = sum((part.amount for part in coming), ZERO), min(part.due_on for part in coming)
    chase.reasons.append(Reason(Code.NOT_YET_DUE, {**_figures(item, amount), "due_on": next_on}))
    chase.wake.append(next_on)
    return amount


def _age(item: Item) -> tuple[date, int]:
    return item.due_on, item.invoice_id


def _figures(item: Item, amount: Decimal) -> dict[str, object]:
    return {"invoice_id": item.invoice_id, "amount": amount, "currency": item.currency}


def _is_held(item: Item, account: Account, today: date, chase: Chase) -> bool:
    """Whether a promise or a block on this item alone keeps it silent today."""
    if not (account.promises or account.blocks or account.plans or account.settlements):
        return False
    if any(_is_in_plan(item, hold, today, chase) for hold in account.plans):
        return True
    for promise in account.promises:
        if item.invoice_id in promise.invoice_ids and today <= promise.grace_until:
            figures = {"amount": promise.amount, "currency": promise.currency, "promised_on": promise.promised_on}
            chase.reasons.append(Reason(Code.PROMISED, {"invoice_id": item.invoice_id, **figures}))
            chase.wake.append(promise.grace_until + ONE_DAY)
            return True
    if any(_is_under_offer(item, offered, today, chase) for offered in account.settlements):
        return True
    block = in_force((b for b in account.blocks if b.invoice_id == item.invoice_id), today)
    if block is None:
        return False
    chase.reasons.append(Reason(Code.BLOCKED, block_figures(block)))
    if block.last_on:
        chase.wake.append(block.last_on + ONE_DAY)
    return True


def _is_in_plan(item: Item, hold: PlanHold, today: date, chase: Chase) -> bool:
    """Until the plan is judged kept or broken, by the daily look at plans, its instalments are what is due."""
    if item.invoice_id not in hold.invoice_ids:
        return False
    figures = {"plan_id": hold.plan_id, "due_on": hold.due_on}
    chase.reasons.append(Reason(Code.PAYMENT_PLAN, {**_figures(item, hold.amount), **figures}))
    chase.wake.append(hold.look_on if hold.look_on and hold.look_on > today else today + ONE_DAY)
    return True


def _is_under_offer(item: Item, offered: Offered, today: date, chase: Chase) -> bool:
    """Silent through the last day on which the smaller sum can be paid."""
    if item.invoice_id not in offered.invoice_ids or today > offered.expires_on:
        return False
    figures = {"amount": offered.amount, "currency": offered.currency, "expires_on": offered.expires_on}
    chase.reasons.append(Reason(Code.SETTLEMENT_OFFERED, {"invoice_id": item.invoice_id, **figures}))
    chase.wake.append(offered.expires_on + ONE_DAY)
    return True


def in_force(blocks: Iterable[Block], today: date, channel: str = "") -> Block | None:
    """The block that lasts longest among those in force; its last day is inclusive."""
    live = [
        b for b in blocks if b.first_on <= today and (b.last_on is None or today <= b.last_on) and b.channel == channel
    ]
    return max(live, key=lambda b: b.last_on or date.max, default=None)


def block_figures(block: Block) -> dict[str, object]:
    return {"reason": block.reason, "last_on": block.last_on, "invoice_id": block.invoice_id}
