"""Figures and dates as a reader of one language writes them; they print themselves in the texts of staff."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

from invoices.rules.money import exponent

STYLES = {"short": "short", "medium": "medium", "long": "long", "weekday": "full"}


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """British English where Babel knows no such language."""
    try:
        return Locale.parse({"en": "en-gb"}.get(language, language), sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


class Day(str):
    """A date, printed in the reader's words; `value` and `language` let a filter print it otherwise."""

    value: date
    language: str

    def __new__(cls, value: date, language: str) -> Day:
        said = super().__new__(cls, say_day(value, language))
        said.value, said.language = value, language
        return said


class Sum(str):
    """An amount of one currency, printed with its code; never added to another."""

    value: Decimal
    currency: str
    language: str

    def __new__(cls, value: Decimal, currency: str, language: str) -> Sum:
        said = super().__new__(cls, say_money(value, currency, language))
        said.value, said.currency, said.language = value, currency, language
        return said


def say_day(value: date, language: str, style: str = "medium") -> str:
    """`22 Nov 2026`; styles are those of STYLES."""
    return format_date(value, format=STYLES[style], locale=locale_of(language))


def say_amount(value: Decimal, currency: str, language: str) -> str:
    places = exponent(currency)
    pattern = "#,##0" + ("." + "0" * places if places else "")
    return format_decimal(value, format=pattern, locale=locale_of(language))


def say_money(value: Decimal, currency: str, language: str) -> str:
    """`1,234.50 EUR`, with a no-break space and the code, since `$` is not one currency."""
    return f"{say_amount(value, currency, language)}\u00a0{currency}"


def say_rate(value: Decimal, language: str) -> str:
    """A rate in percent, four decimals at most."""
    return format_decimal(value, format="#,##0.####", locale=locale_of(language))


def say_all(parts: Iterable[str], last: str) -> str:
    """`a, b and c`; `last` is the word before the last one."""
    *first, end = [*parts] or [""]
    return f"{', '.join(first)} {last} {end}" if first else end
