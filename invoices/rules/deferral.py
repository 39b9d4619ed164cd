"""Due dates that were moved by agreement, and what they were on an earlier day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple


class Deferred(NamedTuple):
    """One agreement, made on `agreed_on`. A list of them is in the order in which they were made."""

    old_due_on: date
    new_due_on: date
    agreed_on: date


def with_deferrals(dates: Sequence[date], deferrals: Iterable[Deferred], as_of: date | None = None) -> list[date]:
    """The dates of a document's parts as agreed by the end of `as_of`, or by now.

    An agreement names the date that it moves; the first part that is due on it is the one that is meant.
    """
    current = list(dates)
    for one in deferrals:
        if (as_of is None or one.agreed_on <= as_of) and one.old_due_on in current:
            current[current.index(one.old_due_on)] = one.new_due_on
    return current


def due_on_before(due_on: date, deferrals: Iterable[Deferred], as_of: date) -> date:
    """What was due on `due_on` by all agreements, by those made until the end of `as_of` only."""
    return next((one.old_due_on for one in deferrals if one.agreed_on > as_of), due_on)
