"""Which arm of an experiment a client is in, and how long an arm that hears nothing stays silent. Pure.

Chance is a hash of the experiment's seed and the client: the same on every machine and in every dry run, and the
client's arm is known, and stored, before anything is sent or held back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256

from .records import Trial, TrialArm


def arm_of(trial: Trial, client_id: int) -> TrialArm:
    """By the shares, in percent; they sum to 100, and the last arm takes what is left."""
    drawn = int.from_bytes(sha256(f"{trial.seed}:{client_id}".encode()).digest()) % 100
    for arm in trial.arms:
        drawn -= arm.share
        if drawn < 0:
            return arm
    return trial.arms[-1]


def trial_at(trials: Sequence[Trial], level_id: int) -> Trial | None:
    """The experiment that runs at this level."""
    return next((trial for trial in trials if trial.level_id == level_id), None)


def held_until(trial: Trial, client_id: int, today: date) -> date | None:
    """The first day on which a client of a silent arm hears from this level; None: he is not held back.

    Counted from the day of his assignment, which is today when he was not assigned before. Once only: the arm is
    silent at its first turn, not again at later ones.
    """
    arm = arm_of(trial, client_id)
    until = trial.assigned.get(client_id, today) + timedelta(days=arm.holdout_days)
    return until if arm.is_holdout and until > today else None


def share_problems(shares: Sequence[tuple[str, int]]) -> list[str]:
    """Every reason why these arms (name, percent) cannot be compared; empty when they can."""
    problems = []
    if len(shares) < 2:
        problems.append("There is nothing to compare: choose other words, or a share that hears nothing.")
    if (total := sum(share for _, share in shares)) != 100:
        problems.append(f"The shares add up to {total} %, not to 100 %.")
    problems += [f"{name} gets {share} %; give it between 1 and 99 %." for name, share in shares if not 0 < share < 100]
    return problems
