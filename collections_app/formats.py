"""Figures, dates and states in the reader's words. Pure text: HTML belongs to `templatetags/ui.py`."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django.utils import timezone, translation

from invoices.rules.money import exponent

NOTHING = "–"
TONES = {
    "ok": "paid kept sent approved applied done completed active delivered succeeded settled resolved works"
    " granted booked earned",
    "warn": "proposed pending waiting partly_paid partly_kept part_paid due due_today late on_hold hold sending"
    " claimed snoozed promised unapplied hardship demand decision reply paused",
    "bad": "missed overdue broken failed unknown bounced disputed dispute refused blocked legal chargeback insolvent"
    " insolvency error final wrong_number deceased held_up lapsed",
    "info": "coming covered open issued planned in_progress running replied new printing reminder offered",
    "quiet": "draft discarded cancelled void voided written_off superseded expired withdrawn skipped inactive closed"
    " lifted replaced other ended not_started reversed",
}
OF_A_PART = re.compile(r"^part_\d+_")  # "Part 2 overdue" is shown as "Overdue" is
TONE_OF = {word: tone for tone, words in TONES.items() for word in words.split()}


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """The Babel locale of a Django language code; British English when Babel has none."""
    try:
        return Locale.parse({"en": "en-gb"}.get(language, language), sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def reader_locale() -> Locale:
    return locale_of(translation.get_language() or "en-gb")


def amount(value: Decimal | int | None, currency: str = "EUR") -> str:
    """The figure alone, at the currency's precision: `1,234.50`; a dash for None."""
    if value is None:
        return NOTHING
    places = exponent(currency)
    return format_decimal(value, format="#,##0" + ("." + "0" * places if places else ""), locale=reader_locale())


def money(value: Decimal | int | None, currency: str) -> str:
    """Figure and ISO code with a no-break space: `1,234.50 EUR`. A code, not a symbol: `$` is not one currency."""
    return NOTHING if value is None else f"{amount(value, currency)}\u00a0{currency}"


def number(value: Decimal | float | int | None, places: int = 0) -> str:
    """A plain figure with thousands separators, at most `places` decimals."""
    if value is None:
        return NOTHING
    return format_decimal(value, format="#,##0" + ("." + "#" * places if places else ""), locale=reader_locale())


def price(value: Decimal | None) -> str:
    """A unit price: two decimals at least, four at most."""
    return NOTHING if value is None else format_decimal(value, format="#,##0.00##", locale=reader_locale())


def day(value: date | None) -> str:
    """`22 Nov 2026` in the reader's language; a moment counts in the current time zone."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return format_date(value, format="medium", locale=reader_locale())


def day_short(value: date | None) -> str:
    """`22 Nov`, for strips and axes where the year is clear."""
    if value is None:
        return NOTHING
    locale = reader_locale()
    skeleton = locale.datetime_skeletons.get("MMMd")
    return format_date(value, format=str(skeleton.pattern) if skeleton else "d MMM", locale=locale)


def moment(value: datetime | None) -> str:
    """`22 Nov 2026, 14:05` in the current time zone; without seconds."""
    if value is None:
        return NOTHING
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    clock = format_datetime(local, format="HH:mm", locale=reader_locale())
    return f"{format_date(local, format='medium', locale=reader_locale())}, {clock}"


def days_late(days: int | None) -> str:
    """Days past due in words: `due in 4 days`, `due today`, `3 days late`; empty when there is no due date."""
    if days is None:
        return ""
    if days == 0:
        return "due today"
    unit = "day" if abs(days) == 1 else "days"
    return f"{number(days)} {unit} late" if days > 0 else f"due in {number(-days)} {unit}"


def late_tone(days: int | None) -> str:
    """The tone of days past due: quiet before, warn to 30, bad after."""
    if days is None or days <= 0:
        return "quiet"
    return "warn" if days <= 30 else "bad"


def tone(state: object) -> str:
    """The badge tone of a state's code: ok, warn, bad, info or quiet (also for a code not known here)."""
    code = str(getattr(state, "value", state)).lower().replace("-", "_").replace(" ", "_")
    return TONE_OF.get(OF_A_PART.sub("", code), "quiet")
