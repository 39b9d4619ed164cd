"""Rules of value added tax by country, from the files shipped with the product (invoices/data/)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from ..rules.bad_debt import CountsFrom
from ..rules.bad_debt import Rule as ReliefRule
from ..rules.discount_tax import TaxRule


def discount_tax_rule(country: str) -> TaxRule:
    """Whether tax follows a settlement discount of a seller there; an empty rule where nobody confirmed one."""
    return _discount_tax().get(country, TaxRule())


def bad_debt_rule(country: str) -> ReliefRule | None:
    """When the tax on an unpaid invoice can be had back by a seller there; None where no rule is stated."""
    return _bad_debt().get(country)


@cache
def _bad_debt() -> dict[str, ReliefRule]:
    given = _read("bad_debt.toml")
    return {
        country: ReliefRule(**{**row, "counts_from": CountsFrom(row["counts_from"])}) for country, row in given.items()
    }


@cache
def _discount_tax() -> dict[str, TaxRule]:
    given = _read("discount_tax.toml")
    # The country's own entry stands after the general one and takes its place.
    return {country: TaxRule(row["follows"], row["source"]) for row in given.values() for country in row["countries"]}


def _read(name: str) -> dict[str, Any]:
    with (files("invoices") / "data" / name).open("rb") as file:
        return tomllib.load(file)
