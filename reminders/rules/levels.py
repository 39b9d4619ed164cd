"""Whether the levels of a procedure make sense together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .records import Level


def level_problems(levels: Sequence[Level]) -> list[str]:
    """Every contradiction as a sentence; empty when the levels can be used."""
    ordered = sorted(levels, key=lambda level: level.position)
    problems = []
    for before, after in pairwise(ordered):
        if after.days_past_due <= before.days_past_due:
            problems.append(
                f"Level {after.position} ({after.name}) comes {after.days_past_due} days past due, but level"
                f" {before.position} ({before.name}) {before.days_past_due}: each has to come after the one before."
            )
    for level in ordered:
        if level.channel == "letter" and level.deadline_days is None:
            problems.append(f"{level.name} is a letter, which names a deadline: say how many days it gives.")
    return problems
