"""Interest schemes and reference rates from the files shipped with the product (invoices/data)."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from ..rules.interest.records import (
    AgreedRules,
    Bracket,
    Compensation,
    Compounding,
    DayBasis,
    DueOnRestDay,
    RateMode,
    Rounding,
    Scheme,
    Tier,
)
from ..rules.interest.reference import ReferenceRate

DATA = files("invoices") / "data"
ENUMS = {
    "rate_mode": RateMode,
    "day_basis": DayBasis,
    "compounding": Compounding,
    "rounding": Rounding,
    "due_on_rest_day": DueOnRestDay,
}


@cache
def shipped_rates() -> tuple[ReferenceRate, ...]:
    """Every row of data/rates/*.csv, in the order of the files. A row that cannot be read stops with its place."""
    names = sorted(path.name for path in (DATA / "rates").iterdir() if path.name.endswith(".csv"))
    return tuple(row for name in names for row in _rates(name))


@cache
def shipped_schemes() -> dict[str, Scheme]:
    """Every scheme of data/schemes.toml by its id."""
    tables = tomllib.loads((DATA / "schemes.toml").read_text(encoding="utf-8"))
    return {id: _scheme(id, table) for id, table in tables.items()}


def _rates(name: str) -> Iterator[ReferenceRate]:
    lines = (DATA / "rates" / name).read_text(encoding="utf-8").splitlines()
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            yield ReferenceRate(
                row["series"], date.fromisoformat(row["valid_from"]), Decimal(row["rate"]), row["source"]
            )
        except (ArithmeticError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{name}, line {number} is no reference rate: {row}.") from error


def _scheme(id: str, table: Mapping[str, Any]) -> Scheme:
    values = dict(table)
    is_rate_of_due_date = values.pop("rate_taken_on", "start") == "due"
    for key, kind in ENUMS.items():
        if key in values:
            values[key] = kind(values[key])
    values["margins"] = {who: Decimal(points) for who, points in values["margins"].items()}
    if "agreed" in values:
        values["agreed"] = AgreedRules(**_values(values["agreed"]))
    if "compensation" in values:
        values["compensation"] = _compensation(values["compensation"])
    return Scheme(id=id, is_rate_of_due_date=is_rate_of_due_date, **values)


def _compensation(table: Mapping[str, Any]) -> Compensation:
    values = _values(table)
    values["tiers"] = tuple(Tier(**_values(tier)) for tier in table.get("tiers", ()))
    values["brackets"] = tuple(Bracket(**_values(bracket)) for bracket in table.get("brackets", ()))
    return Compensation(**values)


def _values(table: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers are written as text, lists become tuples; names of series and currencies stay text."""
    return {key: _value(value) for key, value in table.items()}


def _value(value: Any) -> Any:
    if isinstance(value, str) and value[:1].isdigit():
        return Decimal(value)
    return tuple(value) if isinstance(value, list) else value
