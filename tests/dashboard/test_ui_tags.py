"""Figures, dates and states as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from collections_app import formats
from collections_app.templatetags import ui

NB = "\u00a0"


@pytest.mark.parametrize(
    ("amount", "currency", "language", "words"),
    [
        ("1234.5", "EUR", "en-gb", f"1,234.50{NB}EUR"),
        ("-1234.5", "EUR", "en-gb", f"-1,234.50{NB}EUR"),
        ("1234", "JPY", "en-gb", f"1,234{NB}JPY"),
        ("1.5", "KWD", "en-gb", f"1.500{NB}KWD"),
        ("0", "HUF", "en-gb", f"0.00{NB}HUF"),
        ("1234567.89", "USD", "de", f"1.234.567,89{NB}USD"),
        ("1234567.89", "USD", "xx", f"1,234,567.89{NB}USD"),
        ("999999999999.99", "GBP", "en", f"999,999,999,999.99{NB}GBP"),
    ],
)
def test_money_has_the_currencys_decimals_and_the_readers_separators(
    amount: str, currency: str, language: str, words: str
) -> None:
    with translation.override(language):
        assert formats.money(Decimal(amount), currency) == words


def test_money_of_none_is_a_dash() -> None:
    assert formats.money(None, "EUR") == "–"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, ""),
        (0, "due today"),
        (1, "1 day late"),
        (31, "31 days late"),
        (-1, "due in 1 day"),
        (-14, "due in 14 days"),
        (1200, "1,200 days late"),
    ],
)
def test_days_past_due_are_said_in_words(days: int | None, words: str) -> None:
    assert formats.days_late(days) == words


@pytest.mark.parametrize(
    ("state", "tone"),
    [
        ("paid", "ok"),
        ("BROKEN", "bad"),
        ("partly_kept", "warn"),
        ("Waiting", "warn"),
        ("draft", "quiet"),
        ("never heard of", "quiet"),
        ("issued", "info"),
    ],
)
def test_a_state_has_a_tone(state: str, tone: str) -> None:
    assert formats.tone(state) == tone


def test_a_moment_is_told_in_the_current_time_zone(settings: object) -> None:
    assert formats.moment(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "1 Jul 2026, 13:00"


def test_a_date_follows_the_readers_language() -> None:
    with translation.override("de"):
        assert formats.day(date(2026, 11, 22)) == "22.11.2026"


def test_a_badge_escapes_its_label() -> None:
    assert ui.badge("<b>", "ok") == '<span class="badge is-ok">&lt;b&gt;</span>'


def test_an_icon_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in ui.icon("phone")


def test_templates_take_the_filters_by_name() -> None:
    page = Template('{% load ui %}{{ a|money:"JPY" }} {{ d|day }} {{ n|days_late }} {{ "Fay Finance"|initials }}')
    words = page.render(Context({"a": Decimal(1200), "d": date(2026, 1, 2), "n": 3}))
    assert words == f"1,200{NB}JPY 2 Jan 2026 3 days late FF"


def test_a_date_element_is_exact_for_programs() -> None:
    assert ui.when(date(2026, 1, 2)) == '<time datetime="2026-01-02">2 Jan 2026</time>'
