"""Two pairs of eyes."""

from __future__ import annotations

from ..errors import LedgerError
from .audit import Actor, user_or_none


def require_second_person(asked_by: object | None, actor: Actor, what: str) -> None:
    """Raises LedgerError unless `actor` is a person, and another one than who asked."""
    decider = user_or_none(actor)
    if decider is None:
        raise LedgerError(f"A {what} is approved by a person, not by a program.")
    if decider == asked_by:
        raise LedgerError(f"You asked for this {what} yourself. A second person approves it.")
