"""The sequence of a client as a strip: which levels are done, which is today's, which comes next and when."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.db.models import Max

from ..models import NoticeLine
from ..rules.records import Code, Plan, Procedure

NOTHING_TO_ASK = (Code.NOTHING_OWED, Code.PROCEDURE_FINISHED, Code.CREDIT_COVERS, Code.BELOW_TOLERANCE)


class StripStep(NamedTuple):
    """`state`: done, current (today's, or under way), next, or empty. `on`: when it was reached, or is to come."""

    position: int
    name: str
    channel: str
    state: str
    on: date | None
    next_on: date | None = None  # done by one item, and to come for another


def level_strip(client_id: int, procedure: Procedure | None, found: Plan, today: date) -> list[StripStep]:
    """The levels of the client's procedure; done are those that an item still open went through."""
    if procedure is None:
        return []
    done = _reached(client_id)
    current = {proposal.level.position for proposal in found.proposals}
    current |= {position for position, on in done.items() if on is None}
    is_asked = any(reason.code not in NOTHING_TO_ASK for reason in found.reasons)
    coming = _coming(found) or (_waiting(procedure, done) if is_asked and not current else {})
    steps = []
    for level in procedure.levels:
        if level.position in current:
            state, on = "current", today if level.position not in done else None
        elif level.position in done:
            state, on = "done", done[level.position]
        elif level.position in coming:
            state, on = "next", coming[level.position]
        else:
            state, on = "", None
        again = coming.get(level.position) if state == "done" else None
        steps.append(StripStep(level.position, level.name, level.channel, state, on, again))
    return steps


def _reached(client_id: int) -> dict[int, date | None]:
    """Position -> when it was last reached by an open item; None while its notice is under way."""
    lines = NoticeLine.objects.filter(is_live=True, invoice__client_id=client_id, invoice__open_amount__gt=0)
    return dict(lines.order_by().values_list("position").annotate(on=Max("reached_on")))


def _coming(found: Plan) -> dict[int, date | None]:
    """The next level that the plan names, with its date."""
    coming: dict[int, date | None] = {}
    for reason in found.reasons:
        if reason.code == Code.NEXT_LEVEL:
            coming[int(str(reason.figures["position"]))] = reason.figures["on"]  # type: ignore[assignment]
    return coming


def _waiting(procedure: Procedure, done: dict[int, date | None]) -> dict[int, date | None]:
    """Nothing has a date while a client is held: then the level after the last one, without."""
    last = max(done, default=0)
    after = [level for level in procedure.levels if level.position > last and (done or level.days_past_due >= 0)]
    return {after[0].position: None} if after else {}
