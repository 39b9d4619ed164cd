"""Who is in which arm, and how long an arm stays silent."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from reminders.rules.experiments import arm_of, held_until, share_problems
from reminders.rules.planner import plan
from reminders.rules.reasons import from_stored, sentence, stored
from reminders.rules.records import Code, Trial, TrialArm

from .cases import LEVELS, PROCEDURE, TODAY, account, codes, day, item, said

USUAL, SILENT = TrialArm(1, 50), TrialArm(2, 50, is_holdout=True, holdout_days=14)
TRIAL = Trial(9, "Does it help?", LEVELS[1].id, "salt", (USUAL, SILENT))
ALL_SILENT = TRIAL._replace(arms=(SILENT._replace(share=100),))
MAIL_2 = ("email", [(1, 2)])


def decide(trial, *items, on=TODAY, **given):
    return plan(account(*items, **given), PROCEDURE._replace(trials=(trial,)), on)


def test_arm_of_a_client_never_changes() -> None:
    assert [arm_of(TRIAL, 7) for _ in range(3)] == [arm_of(TRIAL, 7)] * 3


def test_other_seed_draws_anew() -> None:
    drawn = [arm_of(TRIAL, pk) for pk in range(200)]
    assert drawn != [arm_of(TRIAL._replace(seed="pepper"), pk) for pk in range(200)]


@pytest.mark.parametrize("shares", [(50, 50), (80, 20), (34, 33, 33), (1, 99)])
def test_arms_are_as_large_as_their_shares(shares: tuple[int, ...]) -> None:
    trial = TRIAL._replace(arms=tuple(TrialArm(n, share) for n, share in enumerate(shares)))
    counts = Counter(arm_of(trial, pk).variant_id for pk in range(10_000))
    for n, share in enumerate(shares):
        assert abs(counts[n] / 100 - share) < 2


@pytest.mark.parametrize(
    ("assigned", "until"), [({}, 14), ({7: 0}, 14), ({7: -13}, 1), ({7: -14}, None), ({8: -14}, 14)]
)
def test_silence_counts_from_the_assignment(assigned: dict[int, int], until: int | None) -> None:
    trial = ALL_SILENT._replace(assigned={client: day(offset) for client, offset in assigned.items()})
    assert held_until(trial, 7, TODAY) == (None if until is None else day(until))


def test_silent_arm_is_held_with_reason_and_end() -> None:
    found = decide(ALL_SILENT, item(1))
    assert said(found) == []
    assert codes(found)[0] == Code.HOLDOUT
    assert found.review_on == day(14)
    assert sentence(found.reasons[0]) == (
        "Left alone by chance, to learn what Level 2 does (Does it help?); again from Tue 24 March 2026."
    )


def test_stored_holdout_reads_back() -> None:
    reason = decide(ALL_SILENT, item(1)).reasons[0]
    assert from_stored(stored(reason)) == reason


def test_level_goes_out_when_the_silence_is_over() -> None:
    trial = ALL_SILENT._replace(assigned={7: TODAY})
    assert said(decide(trial, item(1), on=day(14))) == [MAIL_2]


def test_arm_as_usual_is_not_held() -> None:
    assert said(decide(TRIAL._replace(arms=(USUAL._replace(share=100),)), item(1))) == [MAIL_2]


def test_other_levels_are_not_held() -> None:
    assert said(decide(ALL_SILENT, item(7, reached=2, reached_on=day(-6)))) == [("email", [(1, 3)])]


def test_demand_of_another_item_is_not_held_by_the_experiment_below() -> None:
    late = item(40, pk=2, reached=4, reached_on=day(-30))
    found = decide(ALL_SILENT, item(1), late)
    assert found.contact is not None
    assert found.contact.level.position == 5


def test_who_is_held_by_another_rule_takes_no_part_yet() -> None:
    procedure = PROCEDURE._replace(trials=(ALL_SILENT,), minimum_interval_days=3)
    found = plan(account(item(1), last_contact_on=TODAY - timedelta(days=1)), procedure, TODAY)
    assert Code.HOLDOUT not in codes(found)
    assert codes(found)[0] == Code.CONTACTED_RECENTLY


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([("As usual", 50), ("Nothing", 50)], []),
        ([("As usual", 100)], ["nothing to compare", "between 1 and 99"]),
        ([("As usual", 60), ("Nothing", 50)], ["add up to 110 %"]),
        ([("As usual", 0), ("Nothing", 100)], ["As usual gets 0 %", "Nothing gets 100 %"]),
    ],
)
def test_shares_that_cannot_be_compared_are_named(shares: list[tuple[str, int]], words: list[str]) -> None:
    problems = share_problems(shares)
    assert len(problems) == len(words)
    assert all(word in problem for word, problem in zip(words, problems, strict=True))
