"""Decide what a client should hear next. Pure: no database, no clock, no mail.

`plan` reads top to bottom: what may be asked for; what each item's next step is; which steps are due; what holds the
client back today; and the notice. It always says when to look again, and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from invoices.rules.calendar import add_business_days

from .chaseable import ZERO, Chase, block_figures, chaseable_items, in_force
from .holds import Contact, holds
from .records import Account, Code, Item, Level, Line, Plan, Procedure, Proposal, Reason
from .timing import ONE_DAY, Frame, Step, earliest_date, entry_level, next_step, passed_over

UNKNOWN = "unknown"


def plan(account: Account, procedure: Procedure, today: date) -> Plan:
    """What to propose for this client today, the date to look again, and every reason with its figures."""
    if not account.items:
        return Plan((), account.next_item_on, (Reason(Code.NOTHING_OWED),), withdraws=True)
    chase = chaseable_items(account, procedure, today)
    if not chase.items:
        return Plan((), min(chase.wake, default=None), tuple(chase.reasons), withdraws=True)

    steps = _steps(account, procedure, chase, today)
    due = [step for step in steps if step.earliest <= today]
    later = [step for step in steps if step.earliest > today]
    wake = chase.wake + [step.earliest for step in later]
    reasons = [Reason(Code.LEVEL_DUE, _level_figures(step)) for step in due]
    if stop := _stop(account, today):
        return Plan((), stop[0], (stop[1], *reasons, *chase.reasons), withdraws=stop[1].code == Code.BLOCKED)
    if not due:
        return Plan((), min(wake, default=None), (*_why_not_due(later, chase), *chase.reasons))

    contacts = [step for step in due if step.level.channel != "decide"]
    held = holds(Contact(account, procedure, _speaker(contacts), today)) if contacts else []
    moved = [hold.reason for hold in held]
    if held:
        due = [step for step in due if step.level.channel == "decide"]  # internal, so nothing holds it
    if not due:
        return Plan((), min([held[0].again_on, *wake]), (*moved, *reasons, *chase.reasons))

    proposals = _proposals(account, due, chase.items, today)
    reasons = [Reason(Code.LEVEL_DUE, _level_figures(step)) for step in due]
    return Plan(proposals, today + ONE_DAY, (*reasons, *moved, *chase.reasons))


def _steps(account: Account, procedure: Procedure, chase: Chase, today: date) -> list[Step]:
    """Each item's next level and its first day. What a block on the level's channel moves, or stops, is said."""
    owed: dict[str, Decimal] = {}
    for item, amount in chase.items:
        owed[item.currency] = owed.get(item.currency, ZERO) + amount
    steps = []
    for item, amount in chase.items:
        serving = account.pins.get(item.invoice_id, procedure) if account.pins else procedure
        step = _step(item, amount, Frame(account, serving, owed, today), chase)
        if step is None:
            continue
        of_item = [b for b in account.blocks if b.invoice_id in (None, item.invoice_id)]
        if block := in_force(of_item, today, step.level.channel) if of_item else None:
            chase.reasons.append(Reason(Code.BLOCKED, block_figures(block)))
            if block.last_on is None:
                continue
            step = step._replace(earliest=max(step.earliest, block.last_on + ONE_DAY))
        steps.append(step)
    return steps


def _step(item: Item, amount: Decimal, frame: Frame, chase: Chase) -> Step | None:
    """The item's next step; what was passed over for it is said. None: its procedure has ended, or its channels are
    closed, and `chase` then knows when the next level comes that can go out.
    """
    step, shut = next_step(item, amount, frame)
    if shut is not None and (step is None or step.earliest > frame.today):
        waiting = Step(item, amount, shut, earliest_date(item, shut, frame.account, frame.procedure))
        if step is not None:
            chase.wake.append(step.earliest)
        if waiting.earliest > frame.today or shut.channel not in frame.account.closed:
            return waiting
        step = None
    if shut is not None:
        chase.reasons.append(Reason(Code.CHANNEL_CLOSED, _closed_figures(item, shut, frame.account)))
    if step is not None:
        chase.reasons.extend(_passed_over(item, step.level, frame))
    return step


def _passed_over(item: Item, level: Level, frame: Frame) -> list[Reason]:
    """The levels that are left out: too little is owed, or the item entered the procedure above them."""
    if level.position == item.reached + 1:
        return []
    figures = {"invoice_id": item.invoice_id, "level": level.name}
    entered = entry_level(item, frame.procedure)
    reasons = [Reason(Code.ENTRY_FITTING, figures)] if entered else []
    passed = passed_over(item, level, frame.procedure, frame.owed[item.currency])
    return reasons + [Reason(Code.LEVEL_PASSED_OVER, {**figures, "level": left_out.name}) for left_out in passed]


def _closed_figures(item: Item, level: Level, account: Account) -> dict[str, object]:
    why = account.closed.get(level.channel, "no address works")
    return {"invoice_id": item.invoice_id, "level": level.name, "channel": level.channel, "closed": why}


def _stop(account: Account, today: date) -> tuple[date | None, Reason] | None:
    """What silences the whole client, whatever is due: a block, or a notice that is under way."""
    if block := in_force((b for b in account.blocks if b.invoice_id is None), today):
        return block.last_on and block.last_on + ONE_DAY, Reason(Code.BLOCKED, block_figures(block))
    if account.pending:
        code = Code.OUTCOME_UNKNOWN if account.pending.status == UNKNOWN else Code.PENDING
        return today + ONE_DAY, Reason(code, {"notice_id": account.pending.notice_id})
    return None


def _proposals(
    account: Account, due: Sequence[Step], items: Sequence[tuple[Item, Decimal]], today: date
) -> tuple[Proposal, ...]:
    """One contact that carries every due item at the most severe level; decisions apart, since nobody hears them."""
    groups = (
        [step for step in due if step.level.channel != "decide"],
        [step for step in due if step.level.channel == "decide"],
    )
    return tuple(_proposal(account, steps, items, today) for steps in groups if steps)


def _proposal(account: Account, steps: Sequence[Step], items: Sequence[tuple[Item, Decimal]], today: date) -> Proposal:
    level = _speaker(steps).level
    lines = tuple(Line(s.item.invoice_id, s.level.position, s.amount, s.item.currency, s.item.cycle) for s in steps)
    taken = {line.invoice_id for line in lines}
    others = tuple((item.invoice_id, amount) for item, amount in items if item.invoice_id not in taken)
    send_before = add_business_days(account.country, account.region, today, level.too_late_days)
    return Proposal(level, lines, send_before, others)


def _speaker(steps: Sequence[Step]) -> Step:
    """The most severe level speaks for the client; among equals the largest amount."""
    contacts = [step for step in steps if step.level.channel != "decide"] or steps
    return max(contacts, key=lambda step: (step.level.position, step.amount))


def _why_not_due(later: Sequence[Step], chase: Chase) -> tuple[Reason, ...]:
    if not later:
        is_stopped = any(reason.code in (Code.BLOCKED, Code.CHANNEL_CLOSED) for reason in chase.reasons)
        return () if is_stopped else (Reason(Code.PROCEDURE_FINISHED),)
    return (Reason(Code.NEXT_LEVEL, _level_figures(min(later, key=lambda step: step.earliest))),)


def _level_figures(step: Step) -> dict[str, object]:
    return {
        "invoice_id": step.item.invoice_id,
        "position": step.level.position,
        "level": step.level.name,
        "amount": step.amount,
        "currency": step.item.currency,
        "on": step.earliest,
    }
