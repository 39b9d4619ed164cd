"""Which schemes and reference rates hold now: those shipped, and over them the rows that the organisation added."""

from __future__ import annotations

from collections.abc import Iterable

from ..gateways.rates import shipped_rates, shipped_schemes
from ..rules.interest.records import Scheme
from ..rules.interest.reference import RateTable, ReferenceRate
from ..rules.interest.refusals import InterestRefused, Refusal


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
