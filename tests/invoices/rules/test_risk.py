"""The rating: a table of clients, and why each has its letter."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.risk import NEW, Record, Trend, has_fallen, rating, sentence

GOOD = Record(paid_items=20, days_late=D("1.4"), recent_days_late=D(1), former_days_late=D(2), on_time_share=D(95))

CASES = [
    ("pays when due", GOOD, "A"),
    ("pays early", GOOD._replace(days_late=D("-6")), "A"),
    ("three days are nothing", GOOD._replace(days_late=D("3.4")), "A"),
    ("four days", GOOD._replace(days_late=D("3.5")), "B"),
    ("twelve days", GOOD._replace(days_late=D(12)), "C"),
    ("twelve days, eight worse", GOOD._replace(days_late=D(12), recent_days_late=D(16), former_days_late=D(8)), "D"),
    ("forty days", GOOD._replace(days_late=D(40)), "D"),
    ("sixty-one days", GOOD._replace(days_late=D(61)), "E"),
    ("one promise broken is no habit", GOOD._replace(promises_judged=1), "A"),
    ("half of the promises kept", GOOD._replace(promises_judged=4, promises_kept=2), "A"),
    ("one of three promises kept", GOOD._replace(promises_judged=3, promises_kept=1), "B"),
    ("a returned debit", GOOD._replace(returned=1), "B"),
    ("three returned debits", GOOD._replace(returned=3), "C"),
    ("a loss", GOOD._replace(written_off=1), "C"),
    ("a broken plan", GOOD._replace(plans_broken=1), "B"),
    ("an item 61 days past due", GOOD._replace(oldest_days=61), "B"),
    ("an item 91 days past due", GOOD._replace(oldest_days=91), "C"),
    ("all of it", GOOD._replace(days_late=D(70), returned=5, written_off=2, oldest_days=200), "E"),
    ("nothing known", Record(), NEW),
    ("two invoices paid", Record(paid_items=2, days_late=D(50)), NEW),
    ("new, and never paid", Record(oldest_days=95), "C"),
    ("new, with a loss and a return", Record(written_off=1, returned=1), "D"),
]


@pytest.mark.parametrize(("record", "letter"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_letter(record: Record, letter: str) -> None:
    assert rating(record).letter == letter


def test_reasons_are_sentences_with_figures() -> None:
    record = Record(12, D("12.4"), D(16), D(8), D(30), 3, 1, 1, 1, 2, 75)
    assert [sentence(reason) for reason in rating(record).reasons] == [
        "Pays 12 days late on average, weighted by amount.",
        "That is 8 days later than in the half-year before.",
        "Kept 1 of 3 promises.",
        "Money went back 1 time (returned direct debit, chargeback, bounced cheque).",
        "1 invoice written off as lost.",
        "2 payment plans broken.",
        "The oldest open item is 75 days past due.",
    ]


@pytest.mark.parametrize(
    ("recent", "former", "found"),
    [(None, D(1), Trend.UNKNOWN), (D(8), D(1), Trend.WORSE), (D(7), D(1), Trend.STEADY), (D(1), D(9), Trend.BETTER)],
)
def test_trend_needs_a_week_of_difference(recent: D | None, former: D | None, found: Trend) -> None:
    assert rating(GOOD._replace(recent_days_late=recent, former_days_late=former)).trend is found


@pytest.mark.parametrize(
    ("before", "now", "fell"),
    [
        (GOOD, GOOD._replace(days_late=D(4)), True),
        (GOOD._replace(days_late=D(4)), GOOD, False),
        (Record(), GOOD._replace(days_late=D(4)), False),
        (Record(), GOOD._replace(days_late=D(12)), True),
        (GOOD, Record(), False),
    ],
)
def test_fall_is_a_worse_letter(before: Record, now: Record, fell: bool) -> None:
    assert has_fallen(rating(before), rating(now)) is fell


records = st.builds(
    Record,
    paid_items=st.integers(0, 50),
    days_late=st.decimals(-30, 120, places=2),
    recent_days_late=st.none(),
    former_days_late=st.none(),
    promises_judged=st.just(4),
    promises_kept=st.integers(0, 4),
    returned=st.integers(0, 5),
    written_off=st.integers(0, 3),
    plans_broken=st.integers(0, 3),
    oldest_days=st.integers(-30, 200),
)


@given(records)
def test_something_worse_never_betters_the_rating(record: Record) -> None:
    worse = record._replace(returned=record.returned + 1, oldest_days=record.oldest_days + 40)
    assert rating(worse).points >= rating(record).points
    assert sum(reason.points for reason in rating(record).reasons) == rating(record).points
