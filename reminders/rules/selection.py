"""Which procedure serves a client: his pin, the first segment rule that fits, or the default (engine.md 1.16)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple


class Segment(NamedTuple):
    """Clients that fit are served by `procedure_id`. Empty fields fit all; amounts are open, in the client's currency.

    `minimum` is inclusive, `maximum` is not, so that two rules can meet without a gap.
    """

    position: int
    procedure_id: int
    currency: str = ""
    country: str = ""
    debtor_type: str = ""
    segment: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def asks_amount(self) -> bool:
        return self.minimum is not None or self.maximum is not None


class Who(NamedTuple):
    """What segment rules ask of a client. `pinned_to`: the procedure that a person chose for him."""

    currency: str = ""
    country: str = ""
    debtor_type: str = ""
    segment: str = ""
    owed: Decimal = Decimal(0)
    pinned_to: int | None = None


class Choice(NamedTuple):
    """`procedure_id` None: no procedure serves him. `because` ends the sentence "Served by X, ..."."""

    procedure_id: int | None
    because: str


def choose(who: Who, segments: Sequence[Segment], default_id: int | None) -> Choice:
    """`segments` in their order; the first that fits decides."""
    if who.pinned_to is not None:
        return Choice(who.pinned_to, "because the client is pinned to it")
    for segment in segments:
        if fits(segment, who):
            return Choice(segment.procedure_id, f"by segment rule {segment.position}: {described(segment)}")
    return Choice(default_id, "the default" if default_id else "since there is no default")


def fits(segment: Segment, who: Who) -> bool:
    return (
        segment.currency in ("", who.currency)
        and segment.country in ("", who.country)
        and segment.debtor_type in ("", who.debtor_type)
        and segment.segment.casefold() in ("", who.segment.casefold())
        and (segment.minimum is None or who.owed >= segment.minimum)
        and (segment.maximum is None or who.owed < segment.maximum)
    )


def described(segment: Segment) -> str:
    """The conditions in words: "GBP, GB, company, owes 1000 or more"."""
    words = [segment.currency, segment.country, segment.debtor_type.replace("_", " "), segment.segment]
    if segment.minimum is not None:
        words.append(f"owes {segment.minimum.normalize():f} or more")
    if segment.maximum is not None:
        words.append(f"owes less than {segment.maximum.normalize():f}")
    return ", ".join(word for word in words if word) or "every client"
