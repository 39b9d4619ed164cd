"""Recurring invoices: written, started, paused, changed, ended. `services.recurring_issuing` writes the invoices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db import transaction

from ..errors import InvalidAmount, LedgerError
from ..models import Client, PaymentTerms, RecurringInvoice, RecurringIssue, RecurringLine, RecurringStatus
from ..queries.recurring import handled_through, schedule_of
from ..rules.invoicing import totals
from ..rules.recurring import dates, missed, next_date
from .audit import Actor, record, user_or_none
from .changes import change_row
from .issuing import NewLine
from .ledger import lock_client

DAY = timedelta(days=1)
MOST_MISSED = 12  # so many invoices at once are a plan; more are a typing mistake in the first date


class NewRecurring(NamedTuple):
    """A recurring invoice as entered. It ends with `last_on` or after `count` periods; without either, never."""

    name: str
    frequency: str
    first_on: date
    currency: str
    last_on: date | None = None
    count: int | None = None
    terms: PaymentTerms | None = None
    reference: str = ""
    text: str = ""
    is_automatic: bool = True


@transaction.atomic
def create_recurring(client: Client, new: NewRecurring, lines: Sequence[NewLine], *, actor: Actor) -> RecurringInvoice:
    """Written down, not started: nothing is invoiced until `start_recurring`."""
    recurring = RecurringInvoice(
        client=client, status=RecurringStatus.PAUSED, created_by=user_or_none(actor), **new._asdict()
    )
    _require_sense(recurring, lines)
    recurring.next_on = recurring.first_on
    recurring.save(force_insert=True)
    _write_lines(recurring, lines)
    text = f"Recurring invoice “{recurring}” written, not started"
    record("recurring_created", recurring, actor=actor, client_id=client.pk, text=text)
    return recurring


@transaction.atomic
def change_recurring(
    recurring_id: int, new: NewRecurring, lines: Sequence[NewLine] | None, *, actor: Actor
) -> list[str]:
    """Change what the next invoices say. None for `lines` leaves the prices, and their planned changes, alone.

    What was invoiced stays. Once a period was, the first date, the frequency and the currency stand.
    """
    recurring = lock_recurring(recurring_id)
    done_through = handled_through(recurring)
    fixed = ("first_on", "frequency", "currency")
    if done_through and any(getattr(recurring, name) != getattr(new, name) for name in fixed):
        raise LedgerError(
            f"Periods through {done_through:%d %B %Y} are done, so the first date, frequency and currency stand. "
            "End this one and write another."
        )
    values: dict[str, Any] = new._asdict()
    _require_sense(RecurringInvoice(client=recurring.client, **values), lines)
    changed = change_row(recurring, values, verb="recurring_changed", actor=actor, client_id=recurring.client_id)
    _follow_schedule(recurring, done_through)
    return changed + _change_lines(recurring, lines, actor=actor)


def _follow_schedule(recurring: RecurringInvoice, done_through: date | None) -> None:
    """The next date by the schedule as it is now. One that is longer again after its end waits to be started."""
    next_on = next_date(schedule_of(recurring), done_through + DAY if done_through else recurring.first_on)
    if next_on != recurring.next_on:
        _forget_refusal(recurring)
    status = recurring.status
    if next_on is None:
        status = RecurringStatus.ENDED
    elif status == RecurringStatus.ENDED:
        status = RecurringStatus.PAUSED
    RecurringInvoice.objects.filter(pk=recurring.pk).update(next_on=next_on, status=status)


def _change_lines(recurring: RecurringInvoice, lines: Sequence[NewLine] | None, *, actor: Actor) -> list[str]:
    if lines is None:
        return []
    rows = list(recurring.lines.all())
    if any(row.valid_from or row.valid_until for row in rows):
        raise LedgerError("A price changes on a date that is planned. Change or withdraw it on the page first.")
    if [as_new(row) for row in rows] == list(lines):
        return []
    recurring.lines.all().delete()
    _write_lines(recurring, lines)
    record("recurring_changed", recurring, actor=actor, client_id=recurring.client_id, text=f"{recurring}: new lines")
    return ["lines"]


@transaction.atomic
def start_recurring(recurring_id: int, *, today: date, skips_missed: bool = True, actor: Actor) -> RecurringInvoice:
    """Start it, or go on after a pause. Dates before today are skipped for good, or invoiced at the next tick."""
    recurring = lock_recurring(recurring_id)
    if recurring.status != RecurringStatus.PAUSED:
        raise LedgerError(f"“{recurring}” is {recurring.get_status_display().lower()}; only a paused one can start.")
    late = missed(schedule_of(recurring), recurring.next_on, today - DAY)
    if skips_missed:
        reason = f"Skipped when it was started on {today:%d %B %Y}."
        RecurringIssue.objects.bulk_create(
            RecurringIssue(recurring=recurring, period_on=on, skipped_reason=reason) for on in late
        )
        next_on = next_date(schedule_of(recurring), max(today, recurring.first_on))
    elif len(late) > MOST_MISSED:
        raise LedgerError(f"{len(late)} invoices would be written at once. Skip the dates that have passed.")
    else:
        next_on = recurring.next_on
    status = RecurringStatus.ACTIVE if next_on else RecurringStatus.ENDED
    RecurringInvoice.objects.filter(pk=recurring.pk).update(status=status, next_on=next_on)
    skipped = f"; {len(late)} dates in the past skipped" if late and skips_missed else ""
    text = f"Recurring invoice “{recurring}” started{skipped}"
    record("recurring_started", recurring, actor=actor, client_id=recurring.client_id, text=text)
    recurring.refresh_from_db()
    return recurring


@transaction.atomic
def pause_recurring(recurring_id: int, *, actor: Actor) -> None:
    """Nothing is invoiced until it is started again; then someone decides about the dates that passed."""
    recurring = lock_recurring(recurring_id)
    if recurring.status != RecurringStatus.ACTIVE:
        raise LedgerError(f"“{recurring}” is {recurring.get_status_display().lower()} already.")
    _forget_refusal(recurring)
    RecurringInvoice.objects.filter(pk=recurring.pk).update(status=RecurringStatus.PAUSED)
    text = f"Recurring invoice “{recurring}” paused"
    record("recurring_paused", recurring, actor=actor, client_id=recurring.client_id, text=text)


@transaction.atomic
def end_recurring(recurring_id: int, *, actor: Actor) -> None:
    """No invoice follows. What was issued stays."""
    recurring = lock_recurring(recurring_id)
    if recurring.status == RecurringStatus.ENDED:
        raise LedgerError(f"“{recurring}” has ended already.")
    _forget_refusal(recurring)
    RecurringInvoice.objects.filter(pk=recurring.pk).update(status=RecurringStatus.ENDED, next_on=None)
    text = f"Recurring invoice “{recurring}” ended"
    record("recurring_ended", recurring, actor=actor, client_id=recurring.client_id, text=text)


def lock_recurring(recurring_id: int) -> RecurringInvoice:
    """The row, under the client's lock, until the transaction ends."""
    lock_client(RecurringInvoice.objects.only("client_id").get(pk=recurring_id).client_id)
    return RecurringInvoice.objects.select_related("client", "terms").get(pk=recurring_id)


def as_new(line: RecurringLine) -> NewLine:
    return NewLine(**{name: getattr(line, name) for name in NewLine._fields})


def _require_sense(recurring: RecurringInvoice, lines: Sequence[NewLine] | None) -> None:
    if next(dates(schedule_of(recurring)), None) is None:
        last_on = recurring.last_on or recurring.first_on
        raise LedgerError(f"It would end on {last_on:%d %B %Y}, before its first date {recurring.first_on:%d %B %Y}.")
    if lines is None:
        return
    if not lines:
        raise InvalidAmount("A recurring invoice needs at least one line.")
    total = totals([line.amounts for line in lines], recurring.currency).total
    if total <= 0:
        raise InvalidAmount(f"An invoice over {total:f} {recurring.currency} cannot be issued. Change the prices.")


def _write_lines(recurring: RecurringInvoice, lines: Sequence[NewLine]) -> None:
    RecurringLine.objects.bulk_create(
        RecurringLine(recurring=recurring, position=n, **line._asdict()) for n, line in enumerate(lines, start=1)
    )


def _forget_refusal(recurring: RecurringInvoice) -> None:
    recurring.issues.filter(period_on=recurring.next_on, invoice__isnull=True).delete()
