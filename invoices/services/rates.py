"""Which schemes and reference rates hold now: those shipped, and over them the rows that the organisation added."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db import transaction

from ..errors import LedgerError
from ..gateways.rates import shipped_rates, shipped_schemes
from ..models import ReferenceRate as ReferenceRateRow
from ..queries.charges import added_rates
from ..rules.interest.records import Scheme
from ..rules.interest.reference import RateTable, ReferenceRate
from ..rules.interest.refusals import InterestRefused, Refusal
from ..rules.interest.showing import rate_text
from .audit import Actor, record
from .changes import change_row

LOWEST, HIGHEST = Decimal(-5), Decimal(100)  # percent a year


def rate_table(added: Iterable[ReferenceRate] = ()) -> RateTable:
    """The shipped rows, then `added`, which win where both name a series and a day."""
    return RateTable([*shipped_rates(), *added])


def schemes() -> list[Scheme]:
    """As in the file."""
    return list(shipped_schemes().values())


def scheme_for(id: str, country: str = "") -> Scheme:
    """The scheme, or the one that replaces it for debts in that country (contract in Canada is ca-contract).

    Raises InterestRefused (UNKNOWN_SCHEME) with the known ids.
    """
    known = shipped_schemes()
    if id not in known:
        raise InterestRefused(
            Refusal.UNKNOWN_SCHEME, f"There is no interest scheme {id!r}; the schemes are {', '.join(known)}."
        )
    for scheme in known.values():
        if country and scheme.instead_of == id and scheme.country == country.upper():
            return scheme
    return known[id]


def rates_in_force() -> RateTable:
    """The shipped rows, corrected and continued by those that staff added."""
    return rate_table(added_rates())


@transaction.atomic
def set_rate(series: str, valid_from: date, *, rate: Decimal, source: str, actor: Actor) -> ReferenceRateRow:
    """Add the rate of a series from a day on, or correct the row of that day. Raises LedgerError for a strange one.

    Charges that rested on a corrected rate are mended by the next ones.
    """
    if series not in rate_table().series:
        raise LedgerError(f"No scheme reads a series “{series}”.")
    if not LOWEST <= rate <= HIGHEST:
        raise LedgerError(f"A reference rate lies between {LOWEST} and {HIGHEST} % a year; {rate} % looks like a slip.")
    values = {"rate": rate, "source": source}
    row = ReferenceRateRow.objects.select_for_update().filter(series=series, valid_from=valid_from).first()
    if row:
        change_row(row, values, verb="rate_changed", actor=actor)
        return row
    row = ReferenceRateRow.objects.create(series=series, valid_from=valid_from, **values)
    text = f"{series}: {rate_text(rate)} % a year from {valid_from:%d %B %Y}"
    record("rate_added", row, actor=actor, text=text, after={"rate": f"{rate:f}", "source": source})
    return row
