"""The parts of an invoice as its page shows them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from invoices.models import Invoice
from invoices.queries.schedules import schedule_of
from invoices.rules.ageing import days_past_due
from invoices.rules.schedule import Due, open_parts


class ShownPart(NamedTuple):
    """`days` past due; None when nothing of it is open."""

    due: Due
    left: Decimal
    state: str
    days: int | None


def shown_parts(invoice: Invoice, today: date) -> list[ShownPart]:
    """Empty for an invoice in one sum, and for anything but an issued one."""
    if not invoice.current_part or invoice.status != "issued":
        return []
    parts = schedule_of(invoice).parts
    left = {part.position: rest for part, rest in open_parts(parts, invoice.open_amount)}
    return [_shown(part, left.get(part.position, Decimal(0)), today) for part in parts]


def _shown(part: Due, left: Decimal, today: date) -> ShownPart:
    if not left:
        return ShownPart(part, left, "Paid", None)
    days = days_past_due(part.due_on, today)
    return ShownPart(part, left, "Overdue" if days > 0 else "Open" if left == part.amount else "Part paid", days)
