"""The period before a day, by schedule."""

from __future__ import annotations

from datetime import date

import pytest

from invoices.rules.periods import month_before, quarter_before, week_before

CASES = [
    (week_before, "2026-06-01", "2026-05-25", "2026-05-31"),  # a Monday
    (week_before, "2026-06-07", "2026-05-25", "2026-05-31"),  # the Sunday itself is not over
    (week_before, "2026-01-03", "2025-12-22", "2025-12-28"),
    (month_before, "2026-03-31", "2026-02-01", "2026-02-28"),
    (quarter_before, "2026-01-01", "2025-10-01", "2025-12-31"),
    (quarter_before, "2026-03-31", "2025-10-01", "2025-12-31"),
    (quarter_before, "2026-04-01", "2026-01-01", "2026-03-31"),
    (quarter_before, "2026-12-31", "2026-07-01", "2026-09-30"),
]


@pytest.mark.parametrize(("period", "day", "first_on", "last_on"), CASES)
def test_last_whole_period_before_a_day(period, day, first_on, last_on):
    assert period(date.fromisoformat(day)) == (date.fromisoformat(first_on), date.fromisoformat(last_on))
