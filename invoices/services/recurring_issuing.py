"""The tick that turns schedules into invoices: each period once, in order, each in its own transaction.

An invoice is dated on the day it is issued, also when the machine was off and it is late: the tax point, the number
series and the closed months follow the real day, and the time to pay counts from it. The text and the lines say which
period it is for.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction

from ..errors import LedgerError
from ..models import Client, Invoice, RecurringInvoice, RecurringIssue, RecurringLine, RecurringStatus
from ..queries.recurring import due_recurring, schedule_of, why_held_up
from ..rules.recurring import Interval, filled, next_date, period_words, valid_on
from .audit import Actor, record
from .issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from .recurring import as_new, lock_recurring

MOST_PERIODS = 24  # of one schedule in one tick; the next tick goes on
LONGEST_DESCRIPTION = 300
logger = logging.getLogger(__name__)


class Issued(NamedTuple):
    """What one tick did: invoices written, schedules held up."""

    invoices: int
    held_up: int


def issue_recurring(today: date, *, actor: Actor = "worker") -> Issued:
    """Invoice every period through today. A schedule that is refused says why, holds back no other, is tried again.

    Safe to run at once from several workers: a period is a row that can be written once, under the client's lock.
    """
    written = refused = 0
    for recurring_id in list(due_recurring(today).values_list("pk", flat=True)):
        found = issue_schedule(recurring_id, today, actor=actor)
        written, refused = written + found.invoices, refused + found.held_up
    return Issued(written, refused)


def issue_schedule(recurring_id: int, today: date, *, actor: Actor) -> Issued:
    """The missed periods of one schedule, the oldest first, until one is refused."""
    for written in range(MOST_PERIODS):
        try:
            if issue_next_period(recurring_id, today, actor=actor) is None:
                return Issued(written, 0)
        except LedgerError as refused:
            hold_up(recurring_id, today, str(refused), actor=actor)
            return Issued(written, 1)
        except Exception as error:
            # Nothing we foresaw: said on the page, with the traceback in the log, and the others go on.
            logger.exception("Recurring invoice %s could not be issued", recurring_id)
            hold_up(recurring_id, today, f"An unexpected error: {type(error).__name__}.", actor=actor)
            return Issued(written, 1)
    return Issued(MOST_PERIODS, 0)


@transaction.atomic
def issue_next_period(recurring_id: int, today: date, *, actor: Actor) -> Invoice | None:
    """The invoice of the oldest period that is due, and its row; None when none is due (any more).

    Automatic ones are issued, the others wait as drafts. Raises LedgerError, with nothing written.
    """
    recurring = lock_recurring(recurring_id)
    period_on = recurring.next_on
    if recurring.status != RecurringStatus.ACTIVE or period_on is None or period_on > today:
        return None
    _require_creditable(recurring.client)
    draft = draft_invoice(recurring.client, *_wording(recurring, period_on, today), actor=actor)
    invoice = issue_invoice(draft.pk, actor=actor) if recurring.is_automatic else draft
    recurring.issues.filter(period_on=period_on, invoice__isnull=True).delete()
    RecurringIssue.objects.create(recurring=recurring, period_on=period_on, invoice=invoice)
    _move_on(recurring, period_on)
    period = period_words(Interval(recurring.frequency), period_on)
    text = f"{recurring}: {period} invoiced, {invoice}"
    record("recurring_issued", recurring, actor=actor, client_id=recurring.client_id, text=text)
    return invoice


def _wording(recurring: RecurringInvoice, period_on: date, today: date) -> tuple[NewInvoice, list[NewLine]]:
    interval = Interval(recurring.frequency)
    new = NewInvoice(
        recurring.currency,
        today,
        terms=recurring.terms,
        reference=recurring.reference,
        text=filled(recurring.text, interval, period_on),
    )
    lines = lines_on(recurring, list(recurring.lines.all()), period_on)
    if not lines:
        raise LedgerError(f"No line counts on {period_on:%d %B %Y}. Add a price that does.")
    return new, lines


def lines_on(recurring: RecurringInvoice, rows: list[RecurringLine], on: date) -> list[NewLine]:
    """The lines of the invoice of a day, with the period in their words."""
    interval = Interval(recurring.frequency)
    return [
        as_new(row)._replace(description=filled(row.description, interval, on)[:LONGEST_DESCRIPTION])
        for row in valid_on(rows, on)
    ]


def _require_creditable(client: Client) -> None:
    if not client.is_active:
        raise LedgerError(f"{client} is inactive. Make the client active again, or end this.")
    if client.is_credit_hold:
        raise LedgerError(f"{client} is on credit hold. Lift the hold, or pause this.")


def _move_on(recurring: RecurringInvoice, period_on: date) -> None:
    next_on = next_date(schedule_of(recurring), period_on + timedelta(days=1))
    status = RecurringStatus.ACTIVE if next_on else RecurringStatus.ENDED
    RecurringInvoice.objects.filter(pk=recurring.pk).update(next_on=next_on, status=status)


@transaction.atomic
def hold_up(recurring_id: int, today: date, reason: str, *, actor: Actor) -> None:
    """Say on the page why the period that is due was not invoiced; said once, as long as the reason is the same."""
    recurring = lock_recurring(recurring_id)
    if recurring.status != RecurringStatus.ACTIVE or recurring.next_on is None or recurring.next_on > today:
        return
    reason = reason[:200]
    if why_held_up(recurring) == reason:
        return
    RecurringIssue.objects.update_or_create(
        recurring=recurring, period_on=recurring.next_on, defaults={"skipped_reason": reason}
    )
    period = period_words(Interval(recurring.frequency), recurring.next_on)
    text = f"{recurring}: {period} not invoiced. {reason}"
    record("recurring_held_up", recurring, actor=actor, client_id=recurring.client_id, text=text)
