"""What a payment plan would come to, and whether one person may agree it: asked before it is, and shown. Reads only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.timezone import localdate

from ..errors import InvalidAmount, LedgerError
from ..models import Client, Invoice, InvoiceStatus, PaymentPlan, PlanItem, SettlementItem
from ..rules.instalments import CannotSplit
from ..rules.money import ZERO, is_whole
from ..rules.plan_terms import Asked, Schedule, Wanted, Who, beyond_limits, schedule
from .plans import plan_limits

MOST_GRACE_DAYS = 30


class NewPlan(NamedTuple):
    """A plan as talked about. `fee` and `interest` come on top of the items; `payoff_percent` is waived
    of what is not due yet.
    """

    invoice_ids: tuple[int, ...]
    wanted: Wanted
    agreed_by: str = ""
    how: str = ""
    note: str = ""
    fee: Decimal = ZERO
    interest: Decimal = ZERO
    grace_days: int = 5
    payoff_percent: Decimal | None = None
    payoff_until: date | None = None


class Terms(NamedTuple):
    """What would be agreed. `beyond`: why it needs a second person, a sentence each."""

    items: list[Invoice]
    currency: str
    total: Decimal
    schedule: Schedule
    beyond: list[str]


def plan_terms(client: Client, new: NewPlan, *, who: Who = Who.STAFF, replaces: PaymentPlan | None = None) -> Terms:
    """The schedule, and whether one person may agree it. Writes nothing. Raises LedgerError with a sentence."""
    today = localdate()
    items = _items(client, new, replaces)
    currency = items[0].currency
    total = sum((item.open_amount for item in items), ZERO) + _extra(new, currency)
    try:
        found = schedule(total, new.wanted, currency)
    except (CannotSplit, ValueError) as problem:
        raise LedgerError(str(problem)) from problem
    first_on = found.instalments[0].due_on
    if first_on < today:
        raise LedgerError(
            f"The first instalment would fall due on {day_words(first_on)}, before today. Choose a later date."
        )
    _check_payoff(new, today)
    asked = Asked(total, currency, first_on, found.last_on, new.payoff_percent or ZERO)
    return Terms(items, currency, total, found, beyond_limits(asked, plan_limits(), who, today))


def _items(client: Client, new: NewPlan, replaces: PaymentPlan | None) -> list[Invoice]:
    rows = Invoice.objects.filter(client=client, pk__in=new.invoice_ids, status=InvoiceStatus.ISSUED, open_amount__gt=0)
    items = list(rows.filter(issued_on__lte=localdate()).order_by("due_on", "id"))
    if not items or len(items) != len(set(new.invoice_ids)):
        raise LedgerError(f"Choose open invoices of {client}; a draft, or a settled one, cannot be in a plan.")
    currencies = sorted({item.currency for item in items})
    if len(currencies) > 1:
        raise LedgerError(f"These invoices are in {' and '.join(currencies)}. Agree one plan for each currency.")
    taken = PlanItem.objects.filter(invoice__in=items, is_live=True).exclude(plan=replaces).select_related("invoice")
    if item := taken.first():
        raise LedgerError(
            f"Invoice {item.invoice} is in plan {item.plan_id} already. Change that plan, or cancel it first."
        )
    settled = SettlementItem.objects.filter(invoice__in=items, is_live=True).select_related("invoice")
    if offered := settled.first():
        raise LedgerError(
            f"Invoice {offered.invoice} is in settlement {offered.settlement_id}, which asks for another sum. "
            "Withdraw that settlement first."
        )
    return items


def _extra(new: NewPlan, currency: str) -> Decimal:
    for amount in (new.fee, new.interest):
        if not amount.is_finite() or amount < ZERO or not is_whole(amount, currency):
            raise InvalidAmount(f"{amount} is not an amount in {currency} that can be charged.")
    return new.fee + new.interest


def _check_payoff(new: NewPlan, today: date) -> None:
    if not 0 <= new.grace_days <= MOST_GRACE_DAYS:
        raise LedgerError(f"The grace is at most {MOST_GRACE_DAYS} business days, not {new.grace_days}.")
    if (new.payoff_percent is None) != (new.payoff_until is None):
        raise LedgerError("An early payoff needs both: the percent that is waived, and the last day.")
    if new.payoff_percent is not None and not ZERO < new.payoff_percent < 100:
        raise LedgerError(
            f"{new.payoff_percent:f} % cannot be waived for an early payoff; it is above 0 and below 100."
        )
    if new.payoff_until is not None and new.payoff_until < today:
        raise LedgerError(f"The early payoff would have ended on {day_words(new.payoff_until)}, before today.")


def day_words(on: date) -> str:
    return f"{on.day} {on:%B %Y}"
