"""What terms come to: the worked figures of the design, in currencies of 0, 2 and 3 decimals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.calendar import Convention
from invoices.rules.discount import Offer
from invoices.rules.instalments import CannotSplit, Part, Share, refusal
from invoices.rules.schedule import (
    Due,
    Place,
    Schedule,
    current_position,
    one_sum,
    open_parts,
    schedule,
)
from invoices.rules.schedule_words import cost_of_waiting, grace_said, moved_said, sentences
from invoices.rules.terms import Terms, TermsForm

NET = TermsForm.NET
ENGLAND = Place("GB", "ENG")
QUARTERS = (
    Part(Share.PERCENT_OF_REMAINDER, D(25), days=30),
    Part(Share.PERCENT_OF_TOTAL, D(25), months=1),
    Part(Share.FIXED, D("396.84"), months=1, days=30),
    Part(Share.REMAINDER, months=2, days=30, day_of_month=15),
)
HALVES = (Part(Share.PERCENT_OF_TOTAL, D(50), days=10), Part(Share.REMAINDER, days=40))


def dues(terms: Terms | None, issued_on: str, total: str = "100.00", currency: str = "GBP", place: Place = ENGLAND):
    plan = schedule(terms, date.fromisoformat(issued_on), D(total), currency, place=place)
    return [(part.due_on.isoformat(), str(part.amount)) for part in plan.parts]


@pytest.mark.parametrize(
    ("terms", "issued_on", "due_on"),
    [
        (None, "2026-01-15", "2026-01-15"),
        (Terms(NET, 30), "2026-01-15", "2026-02-14"),
        (Terms(TermsForm.NET_THEN_EOM, 30), "2026-01-15", "2026-02-28"),
        (Terms(TermsForm.EOM_THEN_NET, 30), "2026-01-15", "2026-03-02"),
        (Terms(TermsForm.DAY_OF_NEXT_MONTH, day_of_month=15), "2026-01-15", "2026-02-15"),
        (Terms(TermsForm.DAY_OF_NEXT_MONTH, day_of_month=31), "2026-01-31", "2026-02-28"),
        (Terms(NET, 30), "2026-05-01", "2026-05-31"),
        (Terms(NET, 30, convention=Convention.FOLLOWING), "2026-05-01", "2026-06-01"),
        (Terms(NET, 30, convention=Convention.MODIFIED_FOLLOWING), "2026-05-01", "2026-05-29"),
        (Terms(NET, 30, convention=Convention.PRECEDING), "2026-05-01", "2026-05-29"),
    ],
)
def test_terms_in_one_sum_fall_due_once(terms, issued_on, due_on):
    assert dues(terms, issued_on) == [(due_on, "100.00")]


def test_holiday_of_the_region_moves_the_day():
    # Second of January is a holiday in Scotland only; 2026-01-02 is a Friday.
    terms = Terms(NET, 30, convention=Convention.FOLLOWING)
    assert dues(terms, "2025-12-03", place=Place("GB", "SCT")) == [("2026-01-05", "100.00")]
    assert dues(terms, "2025-12-03") == [("2026-01-02", "100.00")]


def test_nothing_falls_due_before_it_is_issued():
    terms = Terms(NET, 0, convention=Convention.PRECEDING)
    assert dues(terms, "2026-05-31") == [("2026-05-31", "100.00")]


def test_split_of_the_design():
    assert dues(Terms(NET, parts=QUARTERS), "2011-10-01", "1587.35", "EUR") == [
        ("2011-10-31", "396.84"),
        ("2011-11-01", "396.84"),
        ("2011-12-01", "396.84"),
        ("2012-01-14", "396.83"),
    ]


def test_each_part_is_moved_by_the_convention():
    parts = (Part(Share.PERCENT_OF_TOTAL, D(30), days=30), Part(Share.REMAINDER, months=2))
    terms = Terms(NET, parts=parts, convention=Convention.PRECEDING)
    # 31 May 2026 is a Sunday, 1 July a Wednesday.
    assert dues(terms, "2026-05-01") == [("2026-05-29", "30.00"), ("2026-07-01", "70.00")]


@pytest.mark.parametrize(
    ("total", "currency", "amounts"),
    [
        ("1001", "JPY", ["334", "667"]),
        ("100.01", "EUR", ["33.34", "66.67"]),
        ("1.001", "KWD", ["0.334", "0.667"]),
    ],
)
def test_parts_are_rounded_in_the_currency(total, currency, amounts):
    parts = (Part(Share.PERCENT_OF_TOTAL, D("33.34")), Part(Share.REMAINDER, days=30))
    found = schedule(Terms(NET, parts=parts), date(2026, 1, 1), D(total), currency).parts
    assert [str(part.amount) for part in found] == amounts


def test_parts_stand_by_date_whatever_the_order_of_the_terms():
    parts = (Part(Share.PERCENT_OF_TOTAL, D(30), days=60), Part(Share.REMAINDER, days=10))
    plan = schedule(Terms(NET, parts=parts), date(2026, 1, 1), D(100), "EUR")
    assert [(part.position, str(part.amount)) for part in plan.parts] == [(1, "70.00"), (2, "30.00")]


def test_fixed_part_above_the_total_is_refused():
    parts = (Part(Share.FIXED, D(500)), Part(Share.REMAINDER))
    with pytest.raises(CannotSplit, match=r"500\.00 does not fit: 100 of 100 EUR"):
        schedule(Terms(NET, parts=parts), date(2026, 1, 1), D(100), "EUR")


@given(
    total=st.integers(1, 10**9),
    currency=st.sampled_from(["JPY", "EUR", "KWD"]),
    percents=st.lists(st.tuples(st.sampled_from([Share.PERCENT_OF_TOTAL, Share.PERCENT_OF_REMAINDER]),
                                st.integers(1, 30), st.integers(0, 90)), max_size=3),
    convention=st.sampled_from(Convention),
)  # fmt: skip
def test_parts_sum_to_the_whole_or_are_refused(total, currency, percents, convention):
    amount = D(total).scaleb(-{"JPY": 0, "EUR": 2, "KWD": 3}[currency])
    parts = (*(Part(share, D(value), days=days) for share, value, days in percents), Part(Share.REMAINDER, days=30))
    assert refusal(parts) == ""
    try:
        plan = schedule(Terms(NET, parts=parts, convention=convention), date(2026, 1, 1), amount, currency)
    except CannotSplit:
        assert total < 200  # a part of less than the smallest unit
        return
    assert sum(part.amount for part in plan.parts) == amount
    assert [part.due_on for part in plan.parts] == sorted(part.due_on for part in plan.parts)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((Part(Share.FIXED, D(10)),), "has to be all that is left"),
        ((Part(Share.REMAINDER), Part(Share.FIXED, D(10))), "has to be the last"),
        ((Part(Share.REMAINDER), Part(Share.REMAINDER)), "Exactly one part"),
        ((Part(Share.PERCENT_OF_TOTAL, D(100)), Part(Share.REMAINDER)), "Nothing is left after part 1"),
        ((Part(Share.PERCENT_OF_TOTAL, D(60)), Part(Share.PERCENT_OF_TOTAL, D(50)), Part(Share.REMAINDER)), "part 2"),
        ((Part(Share.PERCENT_OF_REMAINDER, D(100)), Part(Share.REMAINDER)), "Nothing is left after part 1"),
        ((Part(Share.FIXED, D(0)), Part(Share.REMAINDER)), "figure above 0"),
        ((Part(Share.REMAINDER, day_of_month=32),), "from 1 to 31"),
        (QUARTERS, ""),
    ],
)
def test_split_that_can_never_sum_is_refused_in_a_sentence(parts, said):
    assert (said in refusal(parts)) if said else refusal(parts) == ""


def test_discount_with_its_figures():
    terms = Terms(NET, 30, discount_days=10, discount_percent=D(2), discount_grace_days=3)
    plan = schedule(terms, date(2026, 1, 15), D(1000), "GBP")
    assert plan.reduction == (Offer(D(2), date(2026, 1, 25), 3), D("20.00"), D("980.00"), D("37.24"))


def test_cost_of_waiting_is_not_said_where_there_is_no_wait():
    terms = Terms(NET, 10, discount_days=10, discount_percent=D(2))
    found = schedule(terms, date(2026, 1, 15), D(1000), "GBP").reduction
    assert found.amount == D("20.00")
    assert cost_of_waiting(found) == ""


def test_discount_ends_with_the_due_date_at_the_latest():
    terms = Terms(NET, 7, discount_days=10, discount_percent=D(2))
    assert schedule(terms, date(2026, 1, 15), D(1000), "GBP").reduction.offer.last_on == date(2026, 1, 22)


def test_terms_in_parts_offer_no_discount():
    terms = Terms(NET, parts=HALVES, discount_days=5, discount_percent=D(2))
    assert schedule(terms, date(2026, 1, 15), D(1000), "GBP").reduction is None


@pytest.mark.parametrize(("open_amount", "position"), [(100, 1), ("70.01", 1), (70, 2), (30, 3), ("0.01", 3), (0, 3)])
def test_current_part_is_the_oldest_not_fully_paid(open_amount, position):
    parts = [Due(n, date(2026, n, 1), D(amount), date(2026, n, 1)) for n, amount in enumerate((30, 40, 30), start=1)]
    assert current_position(parts, D(open_amount)) == position


@pytest.mark.parametrize(
    ("open_amount", "left"),
    [(100, [(1, 30), (2, 40), (3, 30)]), (75, [(1, 5), (2, 40), (3, 30)]), (31, [(2, 1), (3, 30)]), (0, [])],
)
def test_what_is_open_lies_on_the_latest_parts(open_amount, left):
    parts = [Due(n, date(2026, n, 1), D(amount), date(2026, n, 1)) for n, amount in enumerate((30, 40, 30), start=1)]
    assert [(part.position, rest) for part, rest in open_parts(parts, D(open_amount))] == left


def a_plan(terms: Terms, total: str = "1200") -> Schedule:
    return schedule(terms, date(2026, 1, 15), D(total), "GBP")


def test_terms_in_plain_words():
    assert sentences(a_plan(Terms(NET, 30))) == ["Please pay 1,200.00 GBP by 14 February 2026."]
    assert sentences(one_sum(date(2026, 1, 1), date(2026, 2, 1), D(1000), "JPY")) == [
        "Please pay 1,000 JPY by 1 February 2026."
    ]


def test_parts_and_discount_in_plain_words():
    assert sentences(a_plan(Terms(NET, parts=HALVES))) == [
        "Please pay 1,200.00 GBP in 2 parts: 600.00 GBP by 25 January 2026 and 600.00 GBP by 24 February 2026."
    ]
    plan = a_plan(Terms(NET, 30, discount_days=5, discount_percent=D("2.50"), discount_grace_days=1))
    assert sentences(plan) == [
        "Please pay 1,200.00 GBP by 14 February 2026.",
        "Paid by 20 January 2026, 1,170.00 GBP settles it: 2.5 % less, which is 30.00 GBP.",
    ]
    assert grace_said(plan.reduction.offer) == "Still given 1 day after the printed date. It has to be paid in full."


def test_cost_of_waiting_in_words():
    found = a_plan(Terms(NET, 30, discount_days=10, discount_percent=D(2))).reduction
    assert cost_of_waiting(found) == "Not taking it costs the client 37.24 % a year."


@pytest.mark.parametrize(
    ("issued_on", "said"),
    [
        ("2026-05-01", "Sunday 31 May 2026 is no business day, so it is due on Friday 29 May 2026."),
        ("2026-04-25", "Monday 25 May 2026 is a public holiday, so it is due on Friday 22 May 2026."),
        ("2026-05-05", ""),
    ],
)
def test_moved_day_says_why(issued_on, said):
    terms = Terms(NET, 30, convention=Convention.PRECEDING)
    plan = schedule(terms, date.fromisoformat(issued_on), D(100), "GBP", place=ENGLAND)
    assert moved_said(plan.parts[0]) == said
