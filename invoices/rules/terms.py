"""Payment terms: from an invoice date to a due date. The printed date decides; the code is only how it was found."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from .calendar import Convention
from .instalments import Part


class TermsForm(Enum):
    """ "Net 30 EOM" is ambiguous, so the two readings have names of their own."""

    NET = "net"
    NET_THEN_EOM = "net_then_eom"
    EOM_THEN_NET = "eom_then_net"
    DAY_OF_NEXT_MONTH = "day_of_next_month"

    @property
    def label(self) -> str:
        return {
            "net": "Days after the invoice date",
            "net_then_eom": "Days after the invoice date, then the end of that month",
            "eom_then_net": "End of the month, then days",
            "day_of_next_month": "Fixed day of the next month",
        }[self.value]


class Terms(NamedTuple):
    """Terms with `parts` ignore their own form, days and day. The discount needs both its days and its percent."""

    form: TermsForm
    days: int = 0
    day_of_month: int | None = None
    discount_days: int | None = None
    discount_percent: Decimal | None = None
    discount_grace_days: int = 0
    is_discount_pro_rata: bool = False
    convention: Convention = Convention.NONE
    parts: tuple[Part, ...] = ()


def end_of_month(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def day_of_next_month(day: date, wanted: int) -> date:
    """The `wanted` day of the month after `day`'s; the last day where that month is shorter."""
    first = end_of_month(day) + timedelta(days=1)
    return first.replace(day=min(wanted, end_of_month(first).day))


def due_date(terms: Terms, issued_on: date) -> date:
    """When terms in one sum fall due, before `rules.schedule` moves it to a business day. 15 January 2026, 30 days:
    net 14 February; then end of month 28 February; end of month first 2 March; the 15th: 15 February.
    """
    days = timedelta(days=terms.days)
    match terms.form:
        case TermsForm.NET:
            return issued_on + days
        case TermsForm.NET_THEN_EOM:
            return end_of_month(issued_on + days)
        case TermsForm.EOM_THEN_NET:
            return end_of_month(issued_on) + days
        case TermsForm.DAY_OF_NEXT_MONTH:
            return day_of_next_month(issued_on, terms.day_of_month or 31)


def discount_date(terms: Terms, issued_on: date) -> date | None:
    """The last day of the settlement discount, or None without one."""
    return None if terms.discount_days is None else issued_on + timedelta(days=terms.discount_days)
