from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.statistics import Arm, Verdict, clients_needed, difference, share, verdict


# Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
@pytest.mark.parametrize(
    ("paid", "clients", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval(paid, clients, low, high):
    found = share(paid, clients)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


# Newcombe 1998, "Interval estimation for the difference", table II, method 10: examples (a), (b), (c), (e), (h).
@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        (Arm(70, 56), Arm(80, 48), 0.0524, 0.3339),
        (Arm(10, 9), Arm(10, 3), 0.1705, 0.8090),
        (Arm(7, 6), Arm(7, 2), 0.0582, 0.8062),
        (Arm(56, 5), Arm(29, 0), -0.0381, 0.1926),
        (Arm(10, 10), Arm(10, 0), 0.6075, 1.0000),
    ],
)
def test_newcombe_interval(one, other, low, high):
    found = difference(one, other)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


arms = st.integers(1, 400).flatmap(lambda n: st.builds(Arm, st.just(n), st.integers(0, n)))


@given(arms, arms)
def test_intervals_hold_their_value_and_turn_round(one, other):
    there, back = difference(one, other), difference(other, one)
    assert -1 <= there.low <= there.value <= there.high <= 1
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


@pytest.mark.parametrize(
    ("arm", "control", "expected"),
    [
        (Arm(29, 29), Arm(500, 0), Verdict.NOT_ENOUGH),  # however clear it looks
        (Arm(40, 20), Arm(40, 18), Verdict.NO_DIFFERENCE),
        (Arm(400, 240), Arm(400, 180), Verdict.BETTER),
        (Arm(400, 180), Arm(400, 240), Verdict.WORSE),
    ],
)
def test_nothing_is_claimed_without_enough_clients_or_a_difference(arm, control, expected):
    assert verdict(arm, control) == expected


def test_clients_needed():
    assert clients_needed(0.5, 0.1) == 388
    with pytest.raises(ValueError, match="cannot change"):
        clients_needed(0.95, 0.1)


@pytest.mark.parametrize(("paid", "clients"), [(1, 0), (-1, 5), (6, 5)])
def test_an_impossible_share_is_refused(paid, clients):
    with pytest.raises(ValueError, match="no share"):
        share(paid, clients)
