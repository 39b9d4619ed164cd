"""A schedule in plain English. Documents in other languages read the same record (`rules.schedule.Schedule`)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from .discount import Offer
from .money import exponent, quantise
from .schedule import Due, Reduction, Schedule


def sentences(plan: Schedule) -> list[str]:
    """What the invoice asks for: "Please pay 1,200.00 GBP by 14 February 2026." and what a discount takes off."""
    if not plan.is_split:
        said = [f"Please pay {_money(plan.total, plan.currency)} by {_day(plan.due_on)}."]
    else:
        parts = [f"{_money(part.amount, plan.currency)} by {_day(part.due_on)}" for part in plan.parts]
        total = _money(plan.total, plan.currency)
        said = [f"Please pay {total} in {len(parts)} parts: {', '.join(parts[:-1])} and {parts[-1]}."]
    return said + ([_offered(plan.reduction, plan.currency)] if plan.reduction else [])


def _offered(reduction: Reduction, currency: str) -> str:
    to_pay, off = _money(reduction.to_pay, currency), _money(reduction.amount, currency)
    offer = reduction.offer
    return f"Paid by {_day(offer.last_on)}, {to_pay} settles it: {_percent(offer.percent)} less, which is {off}."


def cost_of_waiting(reduction: Reduction) -> str:
    """What the client pays for not taking the discount; empty where it cannot be said."""
    if reduction.yearly_percent is None:
        return ""
    return f"Not taking it costs the client {_percent(reduction.yearly_percent)} a year."


def grace_said(offer: Offer) -> str:
    """Ours, not printed: until when it is still given, and how a part payment counts."""
    shares = "A part payment in time earns its share." if offer.is_pro_rata else "It has to be paid in full."
    if not offer.grace_days:
        return shares
    days = f"{offer.grace_days} day{'' if offer.grace_days == 1 else 's'}"
    return f"Still given {days} after the printed date. {shares}"


def moved_said(part: Due) -> str:
    """Why a day is not the one that was counted: "Sunday 31 May 2026 is no business day, so it is due on Friday 29 May
    2026."; empty when it is.
    """
    if not part.is_moved:
        return ""
    why = "no business day" if part.counted_on.weekday() >= 5 else "a public holiday"
    return f"{_weekday(part.counted_on)} is {why}, so it is due on {_weekday(part.due_on)}."


def _weekday(day: date) -> str:
    return f"{day:%A} {_day(day)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _money(amount: Decimal, currency: str) -> str:
    return f"{quantise(amount, currency):,.{exponent(currency)}f} {currency}"


def _percent(value: Decimal) -> str:
    text = f"{value:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"
