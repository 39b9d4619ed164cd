"""A price that changes on a date: the old line ends the day before, a new one begins."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from ..errors import LedgerError
from ..models import RecurringInvoice, RecurringLine, RecurringStatus
from ..queries.recurring import handled_through
from ..rules.recurring import day_before, valid_on
from .audit import Actor, record
from .recurring import lock_recurring


@transaction.atomic
def change_price(
    recurring_id: int, position: int, unit_price: Decimal, *, from_on: date, actor: Actor
) -> RecurringLine:
    """The line at `position` costs this from that day on, until the next change that is planned already.

    Raises LedgerError for a day whose period is done, and where the line is not there on that day.
    """
    recurring = lock_recurring(recurring_id)
    _require_ahead(recurring, from_on)
    rows = valid_on(recurring.lines.filter(position=position), from_on)
    if not rows:
        raise LedgerError(f"This line does not count on {from_on:%d %B %Y}. Choose another day.")
    old = rows[0]
    if old.unit_price == unit_price:
        raise LedgerError(f"On {from_on:%d %B %Y} the price is {unit_price.normalize():f} already.")
    before, after = f"{old.unit_price.normalize():f}", f"{unit_price.normalize():f}"
    if old.valid_from == from_on:
        RecurringLine.objects.filter(pk=old.pk).update(unit_price=unit_price)
        new = old
    else:
        RecurringLine.objects.filter(pk=old.pk).update(valid_until=day_before(from_on))
        new = RecurringLine.objects.get(pk=old.pk)
        new.pk, new.unit_price, new.valid_from, new.valid_until = None, unit_price, from_on, old.valid_until
        new.save(force_insert=True)
    text = f"{recurring}: “{old.description}” costs {after} {recurring.currency} from {from_on:%d %B %Y}, was {before}"
    record("recurring_price_changed", recurring, actor=actor, client_id=recurring.client_id, text=text)
    return new


@transaction.atomic
def withdraw_price(line_id: int, *, actor: Actor) -> None:
    """Take back a planned change: the price before it goes on."""
    recurring = lock_recurring(RecurringLine.objects.only("recurring_id").get(pk=line_id).recurring_id)
    line = RecurringLine.objects.filter(pk=line_id).first()
    if line is None or line.valid_from is None:
        raise LedgerError("There is no planned change of this price.")
    _require_ahead(recurring, line.valid_from)
    same = recurring.lines.filter(position=line.position, valid_until=day_before(line.valid_from))
    line.delete()
    same.update(valid_until=line.valid_until)
    text = f"{recurring}: the price of “{line.description}” planned from {line.valid_from:%d %B %Y} withdrawn"
    record("recurring_price_withdrawn", recurring, actor=actor, client_id=recurring.client_id, text=text)


def _require_ahead(recurring: RecurringInvoice, from_on: date) -> None:
    if recurring.status == RecurringStatus.ENDED:
        raise LedgerError(f"“{recurring}” has ended; no invoice follows.")
    done_through = handled_through(recurring)
    if done_through and from_on <= done_through:
        raise LedgerError(f"The period of {done_through:%d %B %Y} is done already. Choose a later day.")
