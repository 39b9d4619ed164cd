"""What a recurring invoice will write: the next dates with their amounts. Writes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..models import RecurringInvoice
from ..queries.recurring import schedule_of
from ..rules.invoicing import totals
from ..rules.money import ZERO
from ..rules.recurring import Interval, period_words, upcoming
from .recurring_issuing import lines_on

SHOWN = 12


class Upcoming(NamedTuple):
    """One invoice to come. `is_changed`: another total than the one before it."""

    on: date
    period: str
    net: Decimal
    tax: Decimal
    total: Decimal
    is_changed: bool


def upcoming_invoices(recurring: RecurringInvoice, from_on: date | None, limit: int = SHOWN) -> list[Upcoming]:
    """The next invoices on or after `from_on`, at the prices of their days."""
    rows, found = list(recurring.lines.all()), []
    last: Decimal | None = None
    for on in upcoming(schedule_of(recurring), from_on, limit):
        amounts = totals([line.amounts for line in lines_on(recurring, rows, on)], recurring.currency)
        is_changed = last is not None and amounts.total != last
        period = period_words(Interval(recurring.frequency), on)
        found.append(Upcoming(on, period, amounts.net, amounts.tax, amounts.total, is_changed))
        last = amounts.total
    return found


def next_total(recurring: RecurringInvoice) -> Decimal:
    """What the next invoice comes to; 0 when none follows."""
    found = upcoming_invoices(recurring, recurring.next_on, 1)
    return found[0].total if found else ZERO
