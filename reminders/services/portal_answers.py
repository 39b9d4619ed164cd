"""What a client says about his invoices in the portal: I will pay on ..., there is a problem, I have paid, I accept.

Each moves the plan and is answered by mail, in one transaction: either it counts, or the client is told why not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from invoices.models import Contact, Dispute, Invoice, Settlement, SettlementStatus
from invoices.queries.finding import receipts_like
from invoices.rules.calendar import add_business_days
from invoices.rules.money import ZERO, plain
from invoices.services.audit import record
from invoices.services.dispute_files import attach_files
from invoices.services.disputes import open_dispute
from invoices.services.ledger import lock_client, wake

from ..answering import AnswerLine
from ..errors import NotWaiting, OutsideLimits
from ..models import AcknowledgementKind, BlockReason, PromiseToPay, TaskKind
from ..rules.inbound.trimming import without_cards
from ..rules.reasons import day
from .acknowledgements import acknowledge_dispute, acknowledge_promise
from .answers import write_answer
from .blocks import add_block
from .promises import make_promise
from .tasks import make_task

SEARCH_DAYS = 3  # business days in which we look for money that a client says he sent
LONGEST_AGO = 365


class Problem(NamedTuple):
    """`files`: names and contents."""

    amount: Decimal
    reason: str
    comment: str = ""
    files: Sequence[tuple[str, bytes]] = ()


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
    """With its files, or not at all. Raises LedgerError with the sentence for the client."""
    comment = without_cards(problem.comment)
    contested = {"amount": problem.amount, "reason": problem.reason, "comment": comment}
    dispute = open_dispute(invoice.pk, opened_by=_name(contact), actor=_actor(contact), **contested)
    files = [(without_cards(name), content) for name, content in problem.files]
    attach_files(dispute.pk, files, sent_by=_name(contact), actor=_actor(contact))
    acknowledge_dispute(dispute, contact)
    return dispute


@transaction.atomic
def say_paid(contact: Contact, items: Sequence[Invoice], *, paid_on: date, reference: str = "") -> date:
    """We look for the money and are silent about these items meanwhile; returns the last day of that silence."""
    client, today = contact.client, localdate()
    _check_paid(items, paid_on, today)
    reference = without_cards(reference.strip())
    last_on = add_business_days(client.country, client.region, today, SEARCH_DAYS)
    numbers = ", ".join(str(item) for item in items)
    note = f"Says paid on {day(paid_on)}" + (f", reference {reference}" if reference else "")
    for item in items:
        add_block(
            client, reason=BlockReason.PAID_SEARCH, last_on=last_on, invoice=item, note=note, actor=_actor(contact)
        )
    perhaps = receipts_like(client, items, paid_on=paid_on, reference=reference)
    hint = f" Perhaps {' or '.join(perhaps)}, on account." if perhaps else ""
    task = make_task(client.pk, TaskKind.FIND_PAYMENT, due_on=today, text=f"{note}: {numbers}.{hint}")
    facts = {"reference": numbers[:300], "promised_on": last_on, "first_on": paid_on, "layout": "paid"}
    key = f"says_paid:{task.pk}:{items[0].pk}:{last_on}"
    write_answer(client, AcknowledgementKind.REQUEST_RECEIVED, key, contact, {**facts, "comment": reference})
    return last_on


def _check_paid(items: Sequence[Invoice], paid_on: date, today: date) -> None:
    if not items:
        raise OutsideLimits("Choose at least one invoice.")
    if paid_on > today:
        raise OutsideLimits(f"{day(paid_on)} is still to come; use “I will pay” for a later date.")
    if (today - paid_on).days > LONGEST_AGO:
        raise OutsideLimits(f"{day(paid_on)} is more than a year ago; please ring us about it.")


@transaction.atomic
def accept_settlement(contact: Contact, settlement_id: int) -> Settlement:
    """He takes our offer and will pay it, by whatever way. Raises NotWaiting when it is over by now, or not his."""
    client = lock_client(contact.client_id)
    row = Settlement.objects.filter(client=client, pk=settlement_id, status=SettlementStatus.OFFERED).first()
    if row is None or row.expires_on < localdate():
        raise NotWaiting("This offer is over or was taken back. Look below for what is owed, or ask us.")
    name = _name(contact)
    amount = f"{plain(row.amount, row.currency)} {row.currency}"
    Settlement.objects.filter(pk=row.pk).update(agreed_by=name)
    wake([client.pk], localdate())
    text = f"{name} accepted the settlement of {amount} in the portal, to be paid by {day(row.expires_on)}"
    record("settlement_accepted", row, actor=_actor(contact), client_id=client.pk, text=text)
    items = row.items.select_related("invoice").order_by("invoice__due_on", "invoice_id")
    facts = {
        "amount": row.amount,
        "currency": row.currency,
        "promised_on": row.expires_on,
        "layout": "settlement",
        "lines": [AnswerLine(str(item.invoice), item.open_amount) for item in items],
    }
    kind = AcknowledgementKind.REQUEST_RECEIVED
    write_answer(client, kind, f"settlement_accepted:{row.pk}", contact, facts)
    return row


def _name(contact: Contact) -> str:
    return (contact.name or contact.email or contact.client.name)[:120]


def _actor(contact: Contact) -> str:
    return f"client {_name(contact)}"[:120]
