"""Close a month, so that nothing is booked in it any more; open it again, with a reason."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db import transaction

from ..errors import LedgerError
from ..models import Organisation
from ..queries.general_ledger import ControlTotals, control_totals
from ..queries.ledger import ledger_differences
from ..rules.money import plain
from ..rules.periods import is_month_end, month_of
from .audit import Actor, record


@transaction.atomic
def close_month(last_on: date, *, actor: Actor, today: date) -> Organisation:
    """Lock the books through the month's last day, once they are checked under the lock; later months stay open.

    Bookings under way end first, and those that come wait for the answer. Raises LedgerError when the month is not
    over, is closed already, or the books do not agree.
    """
    us = _locked()
    if not is_month_end(last_on) or last_on >= today:
        raise LedgerError(f"{last_on:%B %Y} is not over: close it from {last_on + timedelta(days=1):%d %B %Y} on.")
    if us.locked_through and last_on <= us.locked_through:
        raise LedgerError(f"The books are closed through {us.locked_through:%d %B %Y} already.")
    if found := next(ledger_differences(), None):
        raise LedgerError(f"The books cannot be closed before they agree. {found}")
    totals = control_totals(month_of(last_on))
    if wrong := [one for one in totals if one.difference]:
        raise LedgerError(f"The totals in {wrong[0].currency} differ by {_plain(wrong[0], 'difference')}.")
    text = f"Books closed through {last_on:%d %B %Y}"
    return _lock(us, last_on, "month_closed", text, actor, {one.currency: _kept(one) for one in totals})


@transaction.atomic
def reopen_months(locked_through: date | None, *, reason: str, actor: Actor) -> Organisation:
    """Open everything after `locked_through` again (None: all). Raises LedgerError without a reason, or nothing to do.

    What was reported of the month may change from now on; the audit list says who allowed it, and why.
    """
    us = _locked()
    if not reason.strip():
        raise LedgerError("Say why the month is opened again: what was reported of it may change.")
    if not us.locked_through or (locked_through and locked_through >= us.locked_through):
        raise LedgerError("This month is open already.")
    opened = locked_through + timedelta(days=1) if locked_through else None
    text = f"Books opened again {f'from {opened:%d %B %Y} on' if opened else 'altogether'}: {reason.strip()}"
    return _lock(us, locked_through, "month_reopened", text, actor, {"reason": reason.strip()})


def differences(limit: int = 20) -> list[str]:
    """What stands in the way of closing, as sentences. Reads every document: seconds for a million of them."""
    return [str(found) for found in islice(ledger_differences(), limit)]


def _locked() -> Organisation:
    Organisation.objects.get_or_create(pk=1)
    return Organisation.objects.select_for_update().get(pk=1)


def _lock(
    us: Organisation, through: date | None, verb: str, text: str, actor: Actor, more: dict[str, Any]
) -> Organisation:
    before = {"locked_through": us.locked_through.isoformat() if us.locked_through else None}
    after = {"locked_through": through.isoformat() if through else None, **more}
    Organisation.objects.filter(pk=1).update(locked_through=through)
    record(verb, us, actor=actor, text=text, before=before, after=after)
    us.refresh_from_db()
    return us


def _plain(one: ControlTotals, name: str) -> str:
    return plain(getattr(one, name), one.currency)


def _kept(one: ControlTotals) -> dict[str, str]:
    return {name: _plain(one, name) for name in ("opening", "closing", "open_items", "on_account")}
