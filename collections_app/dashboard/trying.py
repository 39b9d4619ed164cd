"""What an invoice would say under some terms, in words for a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from invoices.rules.instalments import CannotSplit
from invoices.rules.schedule import Place, Schedule, schedule
from invoices.rules.schedule_words import cost_of_waiting, grace_said, moved_said, sentences
from invoices.rules.terms import Terms, end_of_month


class Trial(NamedTuple):
    """`plan` None: these terms do not fit this invoice, and `problem` says why."""

    issued_on: date
    plan: Schedule | None
    words: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    problem: str = ""


def tried(terms: Terms, issued_on: date, total: Decimal, currency: str, *, place: Place) -> Trial:
    try:
        plan = schedule(terms, issued_on, total, currency, place=place)
    except CannotSplit as error:
        return Trial(issued_on, None, problem=str(error))
    return told(plan)


def told(plan: Schedule) -> Trial:
    words = sentences(plan)
    if plan.reduction:
        words += [grace_said(plan.reduction.offer), cost_of_waiting(plan.reduction)]
    moved = (moved_said(part) for part in plan.parts)
    return Trial(plan.issued_on, plan, tuple(filter(None, words)), tuple(filter(None, moved)))


def other_days(today: date) -> Sequence[date]:
    """Invoice dates on which terms behave differently: the ends and the middle of a month."""
    return (today.replace(day=1), today.replace(day=15), end_of_month(today), date(today.year + 1, 1, 31))
