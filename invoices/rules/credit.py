"""Whether a client may be given more credit: what he owes, with the new invoice, against his limit."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .money import ZERO, plain


class Verdict(StrEnum):
    FINE = "fine"
    WARN = "warn"
    STOP = "stop"


class Standing(NamedTuple):
    """A client's credit in his own currency. `limit` None: any amount. `drafts`: written but not issued."""

    currency: str
    limit: Decimal | None
    is_stopping: bool  # over the limit nothing is issued; else it is only said
    is_on_hold: bool
    owed: Decimal = ZERO
    drafts: Decimal = ZERO

    @property
    def exposure(self) -> Decimal:
        return self.owed + self.drafts

    @property
    def room(self) -> Decimal | None:
        """What may still be invoiced; negative when over."""
        return None if self.limit is None else self.limit - self.owed

    @property
    def used_percent(self) -> int | None:
        """Of the limit, by what is owed and what is drafted; above 100 when over."""
        if self.limit is None:
            return None
        if self.limit == ZERO:
            return 100 if self.exposure else 0
        return int(100 * self.exposure / self.limit)

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.owed > self.limit


class CreditAnswer(NamedTuple):
    """`text` is a sentence with figures; empty when there is nothing to say."""

    verdict: Verdict
    text: str = ""


def credit_for(standing: Standing, amount: Decimal, currency: str) -> CreditAnswer:
    """May an invoice over `amount` be issued? `standing.owed` is without it.

    Drafts do not count against the limit here: of two drafts that fit only one at a time, the first may go. A credit
    hold stops whatever the policy. Another currency is never counted against the limit, and that is said.
    """
    if standing.is_on_hold:
        return CreditAnswer(Verdict.STOP, "The client is on credit hold: no more credit is given.")
    limit = standing.limit
    if limit is None:
        return CreditAnswer(Verdict.FINE)
    if currency != standing.currency:
        text = f"The credit limit is in {standing.currency}; an invoice in {currency} is not counted against it."
        return CreditAnswer(Verdict.FINE, text)
    after = standing.owed + amount
    if after <= limit:
        return CreditAnswer(Verdict.FINE)
    figures = [plain(one, currency) for one in (standing.owed, amount, after, limit, after - limit)]
    text = (
        f"{figures[0]} {currency} is owed; with this {figures[1]} it would be {figures[2]}, "
        f"{figures[4]} over the credit limit of {figures[3]} {currency}."
    )
    return CreditAnswer(Verdict.STOP if standing.is_stopping else Verdict.WARN, text)
