"""Reference rates: the shipped rows, gaps, and rows that the organisation adds."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from invoices.gateways.rates import shipped_rates
from invoices.rules.interest.reference import RateTable, ReferenceRate, half_year
from invoices.rules.interest.refusals import InterestRefused
from invoices.services.rates import rate_table, scheme_for, schemes
from tests.invoices.rules.interest_cases import RATES

HALF_YEARS = [date(year, month, 1) for year in range(2009, 2027) for month in (1, 7)]


@pytest.mark.parametrize("day", HALF_YEARS, ids=str)
def test_german_base_rate_and_088_is_the_ecb_rate(day: date) -> None:
    assert RATES.rate_on("de-basiszins", day).rate + Decimal("0.88") == RATES.rate_on("ecb-mro", day).rate


@pytest.mark.parametrize(
    ("series", "day", "rate"),
    [
        ("boe-bank-rate", "2002-08-07", "4.00"),
        ("boe-bank-rate", "2026-06-30", "3.75"),
        ("boe-bank-rate", "2020-06-30", "0.75"),
        ("boe-bank-rate", "2020-07-01", "0.10"),
        ("ecb-mro", "2026-12-31", "2.40"),
        ("fr-legal-professional", "2024-12-31", "4.92"),
    ],
)
def test_rate_of_the_half_year(series: str, day: str, rate: str) -> None:
    assert RATES.rate_on(series, date.fromisoformat(day)).rate == Decimal(rate)


@pytest.mark.parametrize(
    ("series", "day"),
    [("boe-bank-rate", "2027-01-01"), ("boe-bank-rate", "2002-08-06"), ("fr-legal-professional", "2026-07-01")],
)
def test_half_year_without_a_row_has_no_rate(series: str, day: str) -> None:
    with pytest.raises(InterestRefused, match=f"no rate of {series} for the half-year from"):
        RATES.rate_on(series, date.fromisoformat(day))


def test_missing_half_years_are_named() -> None:
    assert RATES.missing("ecb-mro", date(2027, 7, 1)) == [date(2027, 1, 1), date(2027, 7, 1)]
    assert RATES.missing("fr-legal-professional", date(2026, 11, 22)) == [date(2026, 7, 1)]


def test_unknown_series_misses_nothing_and_has_no_rows() -> None:
    assert (RATES.missing("moon", date(2027, 1, 1)), RATES.rows("moon")) == ([], [])


@pytest.mark.parametrize("series", ["boe-bank-rate", "de-basiszins", "ecb-mro"])
def test_shipped_series_have_no_gaps(series: str) -> None:
    assert RATES.missing(series, date(2026, 12, 31)) == []


def test_every_shipped_row_says_its_source_and_stands_once() -> None:
    rows = shipped_rates()
    assert all(row.source for row in rows)
    assert len({(row.series, half_year(row.valid_from)) for row in rows}) == len(rows)


def test_every_series_of_a_scheme_is_known() -> None:
    wanted = {scheme.series for scheme in schemes() if scheme.series}
    wanted |= {scheme.agreed.floor_series for scheme in schemes() if scheme.agreed and scheme.agreed.floor_series}
    assert wanted <= set(RATES.series)


def test_added_row_fills_the_next_half_year() -> None:
    day = date(2027, 1, 1)
    table = rate_table([ReferenceRate("ecb-mro", day, Decimal("2.65"), "ECB, seen by Fay")])
    assert table.rate_on("ecb-mro", day).source == "ECB, seen by Fay"


def test_added_row_corrects_a_shipped_one() -> None:
    day = date(2026, 1, 1)
    table = rate_table([ReferenceRate("ecb-mro", day, Decimal("2.16"), "a correction")])
    assert table.rate_on("ecb-mro", day).rate == Decimal("2.16")


def test_order_of_rows_does_not_matter() -> None:
    table = RateTable(reversed(shipped_rates()))
    assert table.rows("ecb-mro") == RATES.rows("ecb-mro")


def test_contract_in_canada_follows_canadas_rules() -> None:
    assert [scheme_for("contract", country).id for country in ("", "GB", "ca")] == [
        "contract",
        "contract",
        "ca-contract",
    ]


def test_unknown_scheme_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InterestRefused, match=r"no interest scheme 'uk'; the schemes are uk-1998, de-288"):
        scheme_for("uk")
