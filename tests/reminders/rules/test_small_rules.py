"""Calendar, promises, call outcomes, priority."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.calendar import add_business_days, is_business_day, next_business_day
from reminders.rules.outcomes import after, best_hour
from reminders.rules.priority import call_priority
from reminders.rules.promises import Verdict, grace_until, refusal, tolerance, verdict

from .cases import TODAY, account, day, item

D = Decimal


@pytest.mark.parametrize(
    ("country", "region", "on", "open_"),
    [
        ("", "", "2026-03-14", False),
        ("", "", "2026-12-25", True),  # no country: weekends only
        ("GB", "ENG", "2026-04-06", False),  # Easter Monday
        ("GB", "SCT", "2026-04-06", True),
        ("GB", "SCT", "2026-11-30", False),  # St Andrew's Day
        ("DE", "BY", "2026-06-04", False),  # Corpus Christi
        ("DE", "BE", "2026-06-04", True),
        ("DE", "Atlantis", "2026-10-03", False),
        ("DE", "Atlantis", "2026-12-25", False),  # unknown region: the country's own
        ("XX", "", "2026-12-25", True),  # unknown country
        ("US", "", "2026-07-03", False),  # observed
    ],
)
def test_business_days(country, region, on, open_):
    assert is_business_day(country, region, date.fromisoformat(on)) is open_


@pytest.mark.parametrize(
    ("count", "found"),
    [(0, "2026-03-14"), (1, "2026-03-16"), (5, "2026-03-20"), (-1, "2026-03-13"), (-5, "2026-03-09")],
)
def test_business_days_are_counted_from_a_saturday(count, found):
    assert add_business_days("", "", date(2026, 3, 14), count) == date.fromisoformat(found)


@given(st.sampled_from(["", "GB", "DE", "US"]), st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 15))
def test_counted_days_are_business_days(country, on, count):
    for found in (add_business_days(country, "", on, count), add_business_days(country, "", on, -count)):
        assert is_business_day(country, "", found)
    assert next_business_day(country, "", on) <= add_business_days(country, "", on, 1)


def test_grace_runs_in_business_days():
    assert grace_until("GB", "ENG", date(2026, 4, 2), 2) == date(2026, 4, 8)  # over Easter


@pytest.mark.parametrize(
    ("promised", "paid", "found"),
    [
        ("1000", "1000", Verdict.KEPT),
        ("2000", "1990", Verdict.KEPT),  # within 1 %
        ("1000", "990", Verdict.KEPT),
        ("1000", "989.99", Verdict.PARTLY_KEPT),
        ("3000", "1500", Verdict.PARTLY_KEPT),
        ("50", "49", Verdict.KEPT),  # within 1.00
        ("50", "48.99", Verdict.PARTLY_KEPT),
        ("500", "0", Verdict.BROKEN),
        ("500", "600", Verdict.KEPT),
    ],
)
def test_verdicts(promised, paid, found):
    assert verdict(D(promised), D(paid)) == found


@pytest.mark.parametrize(("amount", "found"), [("50", "1"), ("100", "1"), ("250", "2.5")])
def test_tolerance_is_the_larger_of_one_and_one_per_cent(amount, found):
    assert tolerance(D(amount)) == D(found)


@pytest.mark.parametrize(
    ("on", "amount", "open_promises", "words"),
    [
        (day(0), "100", 0, None),
        (day(30), "100", 2, None),
        (day(-1), "100", 0, "is past"),
        (day(31), "100", 0, "latest date"),
        (day(5), "0", 0, "above 0"),
        (day(5), "100.01", 0, "more than"),
        (day(5), "100", 3, "3 promises are open"),
    ],
)
def test_limits_of_promises(on, amount, open_promises, words):
    found = refusal(TODAY, on, D(amount), D(100), open_promises)
    assert (found is None) if words is None else (words in found)


@pytest.mark.parametrize(
    ("outcome", "attempts", "again", "counts_as"),
    [
        ("no_answer", 1, day(1), "attempt"),
        ("voicemail", 2, day(2), "attempt"),
        ("no_answer", 3, None, "attempt"),
        ("gatekeeper", 1, day(1), "attempt"),
        ("needs_copy", 5, day(2), "contact"),
        ("asks_plan", 1, None, "contact"),
        ("hardship", 1, None, "contact"),
        ("insolvent", 1, None, "contact"),
        ("promised", 1, None, "contact"),
        ("dispute", 1, None, "contact"),
        ("refused", 1, None, "contact"),
        ("wrong_number", 1, None, "none"),
    ],
)
def test_call_outcomes(outcome, attempts, again, counts_as):
    assert after(outcome, attempts, TODAY) == (again, counts_as)


def test_retry_moves_over_the_weekend():
    assert after("no_answer", 1, date(2026, 3, 13)).again_on == date(2026, 3, 16)


@pytest.mark.parametrize(
    ("calls", "hour"),
    [
        ([], None),
        ([(9, "refused"), (9, "promised")], None),  # too few
        ([(9, "no_answer"), (9, "voicemail"), (9, "gatekeeper")], None),  # never reached
        ([(9, "no_answer"), (14, "promised"), (9, "refused")], 14),
        ([(9, "refused"), (14, "promised"), (14, "refused")], 14),  # all of both: the one with more
        ([(9, "refused"), (14, "promised"), (16, "wrong_number"), (11, "voicemail")], 9),  # equal: the earlier
    ],
)
def test_best_hour_is_the_one_in_which_most_calls_reached_somebody(calls, hour):
    assert best_hour(calls) == hour


def test_larger_and_older_comes_first():
    old, large, small = (call_priority(account(it), TODAY) for it in (item(50), item(5, "900.00"), item(5)))
    assert large > small
    assert old > large
