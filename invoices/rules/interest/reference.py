"""Reference rates by half-year. A half-year without a row has no rate: nothing is guessed from the one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .refusals import InterestRefused, Refusal


@dataclass(frozen=True)
class ReferenceRate:
    """`rate` in percent a year, in force from `valid_from` until the half-year ends."""

    series: str
    valid_from: date
    rate: Decimal
    source: str


def half_year(day: date) -> date:
    """The 1 January or 1 July that `day`'s half-year began on."""
    return date(day.year, 1 if day.month < 7 else 7, 1)


def next_half_year(day: date) -> date:
    """The 1 January or 1 July after `day`."""
    return date(day.year, 7, 1) if day.month < 7 else date(day.year + 1, 1, 1)


class RateTable:
    """All known rows. Of two rows for one series and day the later given wins: rows of a table may correct a file."""

    def __init__(self, rows: Iterable[ReferenceRate]) -> None:
        found = {(row.series, row.valid_from): row for row in rows}
        self._rows: Mapping[str, list[ReferenceRate]] = {
            series: sorted((row for row in found.values() if row.series == series), key=lambda row: row.valid_from)
            for series in {series for series, _ in found}
        }

    @property
    def series(self) -> list[str]:
        return sorted(self._rows)

    def rows(self, series: str) -> list[ReferenceRate]:
        """Oldest first; empty for an unknown series."""
        return list(self._rows.get(series, ()))

    def rate_on(self, series: str, day: date) -> ReferenceRate:
        """The row in force on `day`. Raises InterestRefused (NO_REFERENCE_RATE) when its half-year has none."""
        start = half_year(day)
        known = [row for row in self._rows.get(series, ()) if start <= row.valid_from <= day]
        if known:
            return known[-1]
        raise InterestRefused(
            Refusal.NO_REFERENCE_RATE,
            f"There is no rate of {series} for the half-year from {start}, so nothing is charged. "
            "Add the rate with its source, then ask again.",
        )

    def missing(self, series: str, until: date) -> list[date]:
        """Half-years from the first row up to the one of `until` that have no row, for the screen that asks."""
        rows = self._rows.get(series, ())
        known = {half_year(row.valid_from) for row in rows}
        day = min(known, default=next_half_year(until))
        gaps = []
        while day <= until:
            if day not in known:
                gaps.append(day)
            day = next_half_year(day)
        return gaps
