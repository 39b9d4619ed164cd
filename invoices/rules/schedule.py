"""What an invoice's terms come to: its due dates and amounts and its discount, in one record.

`schedule` works it out before issue (draft, import, "try these terms"); `invoices.queries.schedules` gives the same
record for an issued invoice, as it was fixed then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .calendar import adjusted
from .discount import Offer, discount, yearly_rate
from .instalments import Instalment, split_by_terms
from .terms import Terms, discount_date, due_date


class Place(NamedTuple):
    """Whose public holidays count: the client's country (ISO 3166) and region."""

    country: str = ""
    region: str = ""


ANYWHERE = Place()


class Due(NamedTuple):
    """One sum and the last day to pay it; `counted_on` is what the terms say before a convention moved the day."""

    position: int
    due_on: date
    amount: Decimal
    counted_on: date

    @property
    def is_moved(self) -> bool:
        return self.due_on != self.counted_on


class Reduction(NamedTuple):
    """A settlement discount on one invoice: paid by `offer.last_on`, `to_pay` settles it. `yearly_percent` is what
    waiting for the due date costs the client; None for parts, or where the discount does not end before it.
    """

    offer: Offer
    amount: Decimal
    to_pay: Decimal
    yearly_percent: Decimal | None


class Schedule(NamedTuple):
    """When to pay what. `parts` sum to `total`, by date; one of them for terms in one sum."""

    issued_on: date
    total: Decimal
    currency: str
    parts: tuple[Due, ...]
    reduction: Reduction | None = None

    @property
    def due_on(self) -> date:
        """The first due date."""
        return self.parts[0].due_on

    @property
    def is_split(self) -> bool:
        return len(self.parts) > 1


def schedule(
    terms: Terms | None, issued_on: date, total: Decimal, currency: str, *, place: Place = ANYWHERE
) -> Schedule:
    """What an invoice says under these terms; without any it is due on the day of issue.

    Raises CannotSplit, with a sentence, when split terms miss this total.
    """
    if terms is None:
        return one_sum(issued_on, issued_on, total, currency)
    if terms.parts:
        counted = split_by_terms(total, terms.parts, issued_on, currency)
    else:
        counted = [Instalment(due_date(terms, issued_on), total)]
    moved = [(adjusted(*place, day, terms.convention), amount, day) for day, amount in counted]
    # Nothing is due before it is issued: a convention may look back past the day.
    dated = sorted(((max(day, issued_on), amount, was) for day, amount, was in moved), key=lambda part: part[0])
    parts = tuple(Due(n, *part) for n, part in enumerate(dated, start=1))
    return Schedule(
        issued_on,
        total,
        currency,
        parts,
        reduction(offer_of(terms, issued_on, parts[0].due_on), issued_on, parts, currency),
    )


def one_sum(issued_on: date, due_on: date, total: Decimal, currency: str) -> Schedule:
    """All of it on one day, as somebody typed it or another program printed it."""
    return Schedule(issued_on, total, currency, (Due(1, due_on, total, due_on),))


def offer_of(terms: Terms, issued_on: date, due_on: date) -> Offer | None:
    """The discount that these terms offer, by the due date at the latest; terms in parts offer none."""
    last_on = discount_date(terms, issued_on)
    if last_on is None or not terms.discount_percent or terms.parts:
        return None
    return Offer(terms.discount_percent, min(last_on, due_on), terms.discount_grace_days, terms.is_discount_pro_rata)


def reduction(offer: Offer | None, issued_on: date, parts: Sequence[Due], currency: str) -> Reduction | None:
    """The offer with its figures: 1,000 at 2 % is 20.00 off and 980.00 to pay; 2/10 net 30 costs 37.24 % a year."""
    if offer is None:
        return None
    total = sum((part.amount for part in parts), Decimal(0))
    off = discount(total, offer, currency)
    early, late = (offer.last_on - issued_on).days, (parts[0].due_on - issued_on).days
    is_cost_known = len(parts) == 1 and early < late and 0 < offer.percent < 100
    return Reduction(offer, off, total - off, yearly_rate(offer.percent, early, late) if is_cost_known else None)


def current_position(parts: Sequence[Due], open_amount: Decimal) -> int:
    """The position of the oldest part that is not fully paid, parts being paid oldest first; the last when all are."""
    paid = sum((part.amount for part in parts), Decimal(0)) - open_amount
    for part in parts:
        paid -= part.amount
        if paid < 0:
            return part.position
    return parts[-1].position


def open_parts(parts: Sequence[Due], open_amount: Decimal) -> list[tuple[Due, Decimal]]:
    """Each part that has something left, with what is left of it: what is paid goes to the oldest first."""
    left, found = open_amount, []
    for part in reversed(parts):
        rest = min(left, part.amount)
        if rest > 0:
            found.append((part, rest))
            left -= rest
    return found[::-1]
