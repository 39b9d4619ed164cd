"""What a client says about his invoices in the portal: I will pay on ..., there is a problem, I have paid.

Each moves the plan and is answered by mail, in one transaction: either it counts, or the client is told why not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from invoices.models import Contact, Dispute, Invoice
from invoices.rules.calendar import add_business_days
from invoices.rules.money import ZERO
from invoices.services.disputes import open_dispute

from ..errors import OutsideLimits
from ..models import BlockReason, PromiseToPay, TaskKind
from ..rules.reasons import day
from .acknowledgements import acknowledge_dispute, acknowledge_promise
from .blocks import add_block
from .promises import make_promise
from .tasks import make_task

SEARCH_DAYS = 3  # business days in which we look for money that a client says he sent
LONGEST_AGO = 365


class Problem(NamedTuple):
    amount: Decimal
    reason: str
    comment: str = ""


@transaction.atomic
def promise_from_portal(
    contact: Contact, items: Sequence[Invoice], *, promised_on: date, amount: Decimal | None = None
) -> PromiseToPay:
    """He will pay `amount`, by default all of these items (one currency). Raises OutsideLimits."""
    if not items:
        raise OutsideLimits("Choose at least one invoice.")
    if len({item.currency for item in items}) > 1:
        raise OutsideLimits("These invoices are in different currencies; promise each currency on its own.")
    promise = make_promise(
        contact.client,
        items=items,
        amount=sum((item.open_amount for item in items), ZERO) if amount is None else amount,
        currency=items[0].currency,
        promised_on=promised_on,
        actor=_actor(contact),
        made_by=_name(contact),
        how="portal",
    )
    acknowledge_promise(promise, contact)
    return promise


@transaction.atomic
def dispute_from_portal(contact: Contact, invoice: Invoice, problem: Problem) -> Dispute:
    """Raises LedgerError with the sentence for the client."""
    dispute = open_dispute(invoice.pk, opened_by=_name(contact), actor=_actor(contact), **problem._asdict())
    acknowledge_dispute(dispute, contact)
    return dispute


@transaction.atomic
def say_paid(contact: Contact, items: Sequence[Invoice], *, paid_on: date, reference: str = "") -> date:
    """We look for the money and are silent about these items meanwhile; returns the last day of that silence."""
    client, today = contact.client, localdate()
    if not items:
        raise OutsideLimits("Choose at least one invoice.")
    if paid_on > today:
        raise OutsideLimits(f"{day(paid_on)} is still to come; use “I will pay” for a later date.")
    if (today - paid_on).days > LONGEST_AGO:
        raise OutsideLimits(f"{day(paid_on)} is more than a year ago; please ring us about it.")
    last_on = add_business_days(client.country, client.region, today, SEARCH_DAYS)
    numbers = ", ".join(str(item) for item in items)
    note = f"Says paid on {day(paid_on)}" + (f", reference {reference}" if reference else "")
    for item in items:
        add_block(
            client, reason=BlockReason.PAID_SEARCH, last_on=last_on, invoice=item, note=note, actor=_actor(contact)
        )
    make_task(client.pk, TaskKind.FIND_PAYMENT, due_on=today, text=f"{note}: {numbers}")
    return last_on


def _name(contact: Contact) -> str:
    return (contact.name or contact.email or contact.client.name)[:120]


def _actor(contact: Contact) -> str:
    return f"client {_name(contact)}"[:120]
