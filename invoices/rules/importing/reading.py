"""From the cells of a row to a typed row, in two passes: `Survey` looks at every row and decides the layouts of the
columns,
then `RowReader` reads row by row and returns either the row or every reason why it is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..money import EXPONENTS
from .columns import Columns
from .dates import DateEvidence, DateLayout, OrderEvidence, date_readings, decide_dates, parse_date
from .fields import AMOUNTS, DATES, RECORDS, TEXTS
from .numbers import Amount, DecimalMark, NumberEvidence, decide_marks, parse_amount
from .records import Cell, Row, RowError
from .synonyms import REQUIRED
from .text import shown

LARGEST_AMOUNT = Decimal("999999999999.999")
_THREE_DECIMALS = frozenset(code for code, digits in EXPONENTS.items() if digits == 3)


@dataclass(frozen=True, slots=True)
class Layouts:
    """What the survey decided: how dates and amounts are written, by field."""

    dates: Mapping[str, DateLayout]
    marks: Mapping[str, DecimalMark]
    is_forced: bool = False


class Survey:
    """Collects what the cells say about layouts. `add` every row, then `decide` once."""

    def __init__(self, columns: Columns) -> None:
        index, header = columns.index, columns.header
        self._dates = {name: (index[name], DateEvidence(header[name])) for name in index if name in DATES}
        self._numbers = {name: (index[name], NumberEvidence(header[name])) for name in index if name in AMOUNTS}
        self._order = OrderEvidence()
        self._pair = (index["issued_on"], index["due_on"]) if {"issued_on", "due_on"} <= index.keys() else None
        self._currency = index.get("currency")
        self._has_thousandths = False

    def add(self, cells: Sequence[Cell]) -> None:
        width = len(cells)
        for place, evidence in self._dates.values():
            if place < width:
                evidence.add(date_readings(cells[place]))
        for place, numbers in self._numbers.values():
            if place < width:
                numbers.add(cells[place])
        if self._pair and max(self._pair) < width:
            self._order.add(date_readings(cells[self._pair[0]]), date_readings(cells[self._pair[1]]))
        if self._currency is not None and self._currency < width:
            self._has_thousandths |= str(cells[self._currency]).strip().upper() in _THREE_DECIMALS

    def decide(self, chosen: DateLayout | None = None) -> Layouts:
        """The layouts. `chosen`: the layout of dates that a person named. Raises FileUnusable if one cannot be told."""
        dates = decide_dates({name: evidence for name, (_, evidence) in self._dates.items()}, self._order, chosen)
        numbers = {name: evidence for name, (_, evidence) in self._numbers.items()}
        return Layouts(dates, decide_marks(numbers, has_thousandths=self._has_thousandths), chosen is not None)


class RowReader:
    """Reads rows under the layouts of their columns."""

    def __init__(self, columns: Columns, layouts: Layouts) -> None:
        self._columns = columns
        self._layouts = layouts
        self._record = RECORDS[columns.kind]
        self._texts = TEXTS[columns.kind]
        self._fields = sorted(columns.index.items(), key=lambda item: item[1])
        self._last = max(columns.index.values())
        self._required = REQUIRED[columns.kind]

    def read(self, number: int, cells: Sequence[Cell]) -> Row | list[RowError]:
        """The row, or all that is wrong with it."""
        values: dict[str, Any] = {}
        errors: list[RowError] = []
        currencies: frozenset[str] = frozenset()
        for name, place in self._fields:
            cell = cells[place] if place < len(cells) else ""
            if cell == "" or (isinstance(cell, str) and not cell.strip()):
                continue
            try:
                value = self._value(name, cell)
            except ValueError as error:
                errors.append(RowError(number, name, shown(cell), f"{_subject(name)} {error}"))
                continue
            if isinstance(value, Amount):
                currencies |= value.currencies
                value = value.value
            if value not in (None, ""):
                values[name] = value
        faulty = {error.field for error in errors}
        errors += self._missing(number, values.keys() | faulty)
        errors += _check(number, values, currencies)
        if errors:
            return errors
        if len(currencies) == 1 and "currency" not in values and "amount" in values:
            values["currency"] = next(iter(currencies))
        return self._record(row=number, **values)  # type: ignore[no-any-return]

    def _value(self, name: str, cell: Cell) -> Any:
        if name in DATES:
            return parse_date(cell, self._layouts.dates[name], is_forced=self._layouts.is_forced)
        if name in AMOUNTS:
            return parse_amount(cell, self._layouts.marks[name])
        return self._texts[name](cell)

    def _missing(self, number: int, present: set[str]) -> list[RowError]:
        return [
            RowError(number, group[0], "", f"{_subject(' or '.join(group))} is missing.")
            for group in self._required
            if not present & set(group)
        ]


def _subject(field: str) -> str:
    return field.replace("_", " ").capitalize()


def _check(number: int, values: Mapping[str, Any], currencies: frozenset[str]) -> list[RowError]:
    """What can be wrong between the fields of one row, and the bounds of amounts."""
    errors = []
    for name in AMOUNTS & values.keys():
        if reason := _amount_reason(name, values[name]):
            errors.append(RowError(number, name, f"{values[name]:f}", f"{_subject(name)} {reason}"))
    issued: date | None = values.get("issued_on")
    due: date | None = values.get("due_on")
    if issued and due and due < issued:
        errors.append(
            RowError(number, "due_on", due.isoformat(), f"Due on is before the date of issue, {issued.isoformat()}.")
        )
    own = values.get("currency")
    if own and currencies and own not in currencies:
        errors.append(
            RowError(
                number, "currency", own, f"Currency {own} differs from the one in the amount, {_listed(currencies)}."
            )
        )
    if not own and len(currencies) > 1:
        errors.append(
            RowError(
                number,
                "amount",
                f"{values.get('amount', '')}",
                f"Amount has a symbol that could be {_listed(currencies)}: add a column for the currency.",
            )
        )
    return sorted(errors, key=lambda error: error.field)


def _amount_reason(name: str, value: Decimal) -> str:
    if abs(value) > LARGEST_AMOUNT:
        return f"is above {LARGEST_AMOUNT:,f}, the largest that can be kept."
    if value < 0 and name != "amount":
        return "is below 0."
    if value < 0:
        return "is below 0: enter it as a credit note or a reversal."
    return "is 0: there is nothing to take." if value == 0 and name == "amount" else ""


def _listed(currencies: frozenset[str]) -> str:
    codes = sorted(currencies)
    return " or ".join(codes) if len(codes) < 4 else f"one of {', '.join(codes[:4])} and others"
