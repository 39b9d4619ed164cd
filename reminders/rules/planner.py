"""Decide what a client should hear next. Pure: no database, no clock, no mail.

`plan` reads top to bottom: what may be asked for; what each item's next step is; which steps are due; what holds the
client back today; and the notice. It always says when to look again, and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from invoices.rules.calendar import add_business_days, next_business_day

from .chaseable import ZERO, Chase, block_figures, chaseable_items, in_force
from .records import Account, Code, Item, Line, Plan, Procedure, Proposal, Reason
from .timing import ONE_DAY, Step, earliest_date, next_level, passed_over

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
    held = []
    if hold := _hold(account, procedure, due, today):
        due = [step for step in due if step.level.channel == "decide"]
        held.append(hold[1])
        if not due:
            return Plan((), min([hold[0], *wake]), (*held, *reasons, *chase.reasons))

    proposals = _proposals(account, due, chase.items, today)
    reasons = [Reason(Code.LEVEL_DUE, _level_figures(step)) for step in due]
    return Plan(proposals, today + ONE_DAY, (*reasons, *held, *chase.reasons))


def _steps(account: Account, procedure: Procedure, chase: Chase, today: date) -> list[Step]:
    """Each item's next level and its first day. What a block on the level's channel moves, or stops, is said."""
    owed: dict[str, Decimal] = {}
    for item, amount in chase.items:
        owed[item.currency] = owed.get(item.currency, ZERO) + amount
    steps = []
    for item, amount in chase.items:
        level = next_level(item, procedure, owed[item.currency], today)
        if level is None:
            continue
        earliest = earliest_date(item, level, account, procedure)
        chase.reasons.extend(
            Reason(Code.LEVEL_PASSED_OVER, {"invoice_id": item.invoice_id, "level": passed.name})
            for passed in passed_over(item, level, procedure, owed[item.currency])
        )
        of_item = [b for b in account.blocks if b.invoice_id in (None, item.invoice_id)]
        if block := in_force(of_item, today, level.channel) if of_item else None:
            chase.reasons.append(Reason(Code.BLOCKED, block_figures(block)))
            if block.last_on is None:
                continue
            earliest = max(earliest, block.last_on + ONE_DAY)
        steps.append(Step(item, amount, level, earliest))
    return steps


def _stop(account: Account, today: date) -> tuple[date | None, Reason] | None:
    """What silences the whole client, whatever is due: a block, or a notice that is under way."""
    if block := in_force((b for b in account.blocks if b.invoice_id is None), today):
        return block.last_on and block.last_on + ONE_DAY, Reason(Code.BLOCKED, block_figures(block))
    if account.pending:
        code = Code.OUTCOME_UNKNOWN if account.pending.status == UNKNOWN else Code.PENDING
        return today + ONE_DAY, Reason(code, {"notice_id": account.pending.notice_id})
    return None


def _hold(account: Account, procedure: Procedure, due: Sequence[Step], today: date) -> tuple[date, Reason] | None:
    """What moves a due contact to a later day. A decision is internal and is not held."""
    if all(step.level.channel == "decide" for step in due):
        return None
    if account.is_contact_missing and _speaker(due).level.channel == "email":
        return today + timedelta(days=7), Reason(Code.CONTACT_MISSING)
    if last := account.last_contact_on:
        # One contact a day, always; the procedure may ask for more.
        again = last + max(ONE_DAY, timedelta(days=procedure.minimum_interval_days))
        if again > today:
            return again, Reason(Code.CONTACTED_RECENTLY, {"last_contact_on": last, "again_on": again})
    if procedure.is_business_days_only:
        open_day = next_business_day(account.country, account.region, today)
        if open_day > today:
            return open_day, Reason(Code.NOT_A_BUSINESS_DAY, {"open_on": open_day})
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
        is_blocked = any(reason.code == Code.BLOCKED for reason in chase.reasons)
        return () if is_blocked else (Reason(Code.PROCEDURE_FINISHED),)
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
