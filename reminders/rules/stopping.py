"""What each reason of a block stops, in words (design: engine.md 1.6, law.md). What it stops is code elsewhere: notices
and calls in the planner, mails about plans in `queries.plans`, late charges in `queries.charging`.
"""

from __future__ import annotations

NOTICES = "notices and calls"
MAILS = "mails about plans and disputes"
CHARGES = "late charges"

SPARED = frozenset({"hardship", "breathing", "insolvency"})  # nothing is added to what they owe


def what_it_stops(reason: str, *, is_whole: bool = True, channel: str = "") -> str:
    """A sentence for staff. `is_whole`: of the whole client; `channel`: of this one alone, in words."""
    parts = [channel.lower()] if channel else [NOTICES]
    if is_whole and not channel:
        parts.append(MAILS)
    if reason in SPARED:
        parts.append(CHARGES)
    listed = "; ".join(parts)
    return f"{listed[0].upper()}{listed[1:]}. He can still pay."
