"""How a payment plan stands, how one is made, and who may agree it alone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.instalments import CannotSplit, Frequency, Instalment
from invoices.rules.money import quantum
from invoices.rules.plan_terms import Asked, PlanLimits, Wanted, Who, beyond_limits, schedule
from invoices.rules.plans import Grace, Money, Planned, State, Verdict, paid_towards, payoff_discount, standing

D = Decimal
TODAY = date(2026, 3, 10)  # a Tuesday
GRACE = Grace(5)


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def three(first: int, told: int | None = None) -> list[Planned]:
    """300.00 in three, a month apart, the first `first` days from today."""
    told_on = None if told is None else day(told)
    return [Planned(day(first), D(100), told_on), Planned(day(first + 30), D(100)), Planned(day(first + 60), D(100))]


def states(first: int, *money: str, told: int | None = None) -> list[State]:
    found = standing(three(first, told), Money(*map(D, money)), TODAY, GRACE)
    return [one.state for one in found.instalments]


@pytest.mark.parametrize(
    ("first", "money", "told", "expected"),
    [
        (1, ["0"], None, [State.COMING, State.COMING, State.COMING]),
        (0, ["0"], None, [State.DUE, State.COMING, State.COMING]),  # its day is the client's
        (-1, ["0"], None, [State.MISSED, State.COMING, State.COMING]),
        (-7, ["0"], -6, [State.MISSED, State.COMING, State.COMING]),  # Tuesday and five business days: Tuesday
        (-8, ["0"], -7, [State.LATE, State.COMING, State.COMING]),
        (-30, ["0"], None, [State.MISSED, State.DUE, State.COMING]),  # nobody was told yet
        (-30, ["0"], -3, [State.MISSED, State.DUE, State.COMING]),  # told three days ago: the grace runs from there
        (-30, ["100"], -20, [State.PAID, State.DUE, State.COMING]),
        (-1, ["150"], None, [State.PAID, State.PART_PAID, State.COMING]),
        (-1, ["300"], None, [State.PAID, State.PAID, State.PAID]),
        (-1, ["999"], None, [State.PAID, State.PAID, State.PAID]),
        (-1, ["60", "40"], None, [State.COVERED, State.COMING, State.COMING]),  # on account, not allocated yet
        (1, ["0", "0", "100"], None, [State.COMING, State.COMING, State.DISPUTED]),
        (-1, ["100", "0", "200"], None, [State.PAID, State.DISPUTED, State.DISPUTED]),
    ],
)
def test_state_of_each_instalment(first, money, told, expected):
    assert states(first, *money, told=told) == expected


@pytest.mark.parametrize(
    ("first", "paid", "told", "verdict", "look_on"),
    [
        (1, "0", None, Verdict.IN_STANDING, day(2)),
        (-1, "0", None, Verdict.MISSED, day(7)),  # due on Monday; its grace ends on Monday
        (-1, "100", None, Verdict.IN_STANDING, day(30)),
        (-8, "0", -7, Verdict.BROKEN, day(23)),
        (-1, "300", None, Verdict.KEPT, None),
    ],
)
def test_verdict_and_the_next_day_that_may_change_it(first, paid, told, verdict, look_on):
    found = standing(three(first, told), Money(D(paid)), TODAY, GRACE)
    assert (found.verdict, found.look_on) == (verdict, look_on)


def test_grace_counts_business_days_where_the_client_is():
    """Good Friday and Easter Monday 2026 are no business days in England."""
    one = Planned(date(2026, 4, 1), D(100))
    assert Grace(2, "GB", "ENG").until(one) == date(2026, 4, 7)
    assert Grace(2).until(one) == date(2026, 4, 3)


def test_what_is_asked_for_is_all_that_is_missed_else_the_next_one():
    assert standing(three(-31), Money(D(30)), TODAY, GRACE).due_now == D(170)
    assert standing(three(5), Money(D(30)), TODAY, GRACE).due_now == D(70)
    assert standing(three(5), Money(D(300)), TODAY, GRACE).due_now == 0


def test_item_that_owes_more_than_when_it_was_agreed_counts_as_nothing_paid():
    assert paid_towards([(D(100), D(150)), (D(100), D(40))]) == D(60)


@given(
    amounts=st.lists(st.integers(1, 10_000), min_size=1, max_size=8),
    paid=st.integers(0, 90_000),
    waiting=st.integers(0, 5_000),
    disputed=st.integers(0, 90_000),
    offset=st.integers(-90, 90),
)
def test_parts_of_the_instalments_come_to_the_whole(amounts, paid, waiting, disputed, offset):
    rows = [Planned(day(offset + 7 * n), D(amount)) for n, amount in enumerate(amounts)]
    total = sum(map(D, amounts), D(0))
    found = standing(rows, Money(D(paid), D(waiting), D(disputed)), TODAY, GRACE)
    assert sum(one.paid for one in found.instalments) == found.paid == min(D(paid), total)
    assert found.paid + found.left == total
    assert all(0 <= one.missing <= one.amount - one.paid for one in found.instalments)
    assert (found.verdict is Verdict.KEPT) == (paid >= total)


# --- paying off early


@pytest.mark.parametrize(
    ("on", "discount"),
    [(0, "20.00"), (1, "20.00"), (31, "10.00"), (61, "0.00")],  # instalments on days 1, 31, 61
)
def test_payoff_waives_percent_of_what_falls_due_later(on, discount):
    expected = D(discount) if on else D("30.00")
    assert payoff_discount(three(1), D(10), day(on), "EUR") == expected


def test_payoff_without_an_offer_waives_nothing():
    assert payoff_discount(three(1), None, TODAY, "EUR") == 0


# --- making one


@pytest.mark.parametrize(
    ("total", "currency", "amounts"),
    [
        ("100.00", "EUR", ["33.34", "33.33", "33.33"]),
        ("1000", "JPY", ["334", "333", "333"]),
        ("1.000", "KWD", ["0.334", "0.333", "0.333"]),
    ],
)
def test_equal_instalments_come_to_the_whole(total, currency, amounts):
    found = schedule(D(total), Wanted(TODAY, parts=3), currency)
    assert [one.amount for one in found.instalments] == [D(amount) for amount in amounts]


def test_monthly_dates_are_anchored_on_the_first():
    found = schedule(D(400), Wanted(date(2026, 1, 31), parts=4), "EUR")
    assert [one.due_on.isoformat() for one in found.instalments] == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
    ]


def test_down_payment_is_position_0_and_comes_first():
    wanted = Wanted(day(30), Frequency.WEEKLY, parts=2, down_amount=D("100.00"), down_on=day(1))
    found = schedule(D("300.01"), wanted, "EUR")
    assert [(position, one.amount) for position, one in found.positions] == [
        (0, D("100.00")),
        (1, D("100.01")),
        (2, D("100.00")),
    ]
    assert found.last_on == day(37)


def given_rows(*rows: tuple[int, str]) -> tuple[Instalment, ...]:
    return tuple(Instalment(day(offset), D(amount)) for offset, amount in rows)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (Wanted(TODAY, given=given_rows((1, "50"), (2, "49.99"))), "0.01 EUR is missing"),
        (Wanted(TODAY, given=given_rows((1, "50"), (2, "51"))), "1.00 EUR is too much"),
        (Wanted(TODAY, given=given_rows((2, "50"), (1, "50"))), "after the one before"),
        (Wanted(TODAY, given=given_rows((1, "50.005"), (2, "49.995"))), "not an amount in EUR"),
        (Wanted(TODAY, parts=2, down_amount=D(100)), "leaves nothing"),
        (Wanted(TODAY, parts=2, down_amount=D("0.001")), "not an amount"),
        (Wanted(TODAY, parts=2, down_amount=D(10), down_on=day(1)), "comes first"),
        (Wanted(TODAY, parts=61), "at most 60"),
    ],
)
def test_instalments_that_do_not_come_to_it_are_refused(wanted, sentence):
    with pytest.raises(CannotSplit, match=sentence):
        schedule(D("100.00"), wanted, "EUR")


def test_given_instalments_stand_as_they_are():
    rows = given_rows((1, "10"), (20, "90"))
    assert schedule(D(100), Wanted(TODAY, given=rows), "EUR").instalments == rows


@given(
    units=st.integers(100, 10**9),
    parts=st.integers(1, 60),
    down=st.integers(0, 99),
    currency=st.sampled_from(["JPY", "EUR", "KWD"]),
)
def test_any_plan_comes_to_the_whole_in_units_of_its_currency(units, parts, down, currency):
    step = quantum(currency)
    wanted = Wanted(TODAY, parts=parts, down_amount=down * step)
    try:
        found = schedule(units * step, wanted, currency)
    except CannotSplit:
        assert units - down < parts
        return
    assert sum(one.amount for one in found.instalments) == units * step
    dates = [one.due_on for one in found.instalments]
    assert dates == sorted(dates)


# --- who may agree one

LIMITS = PlanLimits(D(5000), "EUR", 6, D(10))
WITHIN = Asked(D(5000), "EUR", day(31), date(2026, 9, 10), D(10))


@pytest.mark.parametrize(
    ("asked", "who", "words"),
    [
        (WITHIN, Who.STAFF, []),
        (WITHIN, Who.CLIENT, []),
        (WITHIN._replace(total=D("5000.01")), Who.STAFF, ["above the limit of 5000.00 EUR"]),
        (WITHIN._replace(currency="USD"), Who.STAFF, ["in another currency"]),
        (WITHIN._replace(last_on=date(2026, 9, 11)), Who.STAFF, ["longer than 6 months"]),
        (WITHIN._replace(payoff_percent=D(11)), Who.STAFF, ["11 % for an early payoff"]),
        (WITHIN._replace(first_on=day(32)), Who.STAFF, []),
        (WITHIN._replace(first_on=day(32)), Who.CLIENT, ["within 31 days"]),
        (WITHIN._replace(total=D(6000), last_on=date(2027, 1, 1)), Who.CLIENT, ["above", "longer"]),
    ],
)
def test_limits_say_each_reason(asked, who, words):
    found = beyond_limits(asked, LIMITS, who, TODAY)
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))
