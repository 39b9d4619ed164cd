"""Try a procedure over the books without telling anybody: asked for on a page, worked out by a worker.

1. somebody asks: one row, `waiting`;
2. a worker claims it, walks over the clients in chunks, and writes how far it is after each;
3. the result is stored with the row. A worker that died is found by its silence, and the work begins again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from invoices.services.audit import Actor, record, user_or_none

from ..errors import DunningError
from ..models import DunningProcedure, Simulation, SimulationStatus
from ..queries.profiles import profiles
from ..queries.simulating import Period, Subject, client_chunks, clients_owing, subjects, tried
from ..rules.guardrails import Counts
from ..rules.records import Procedure
from ..rules.simulating import Happening, simulate
from ..rules.simulation_tally import Budget, Differences, Tally

LONGEST = 366
SILENT_AFTER = timedelta(minutes=10)
CANCELLED = "Cancelled"
ASSUMED = (
    "Every notice leaves on the day it is proposed: approvals, print and post take no time.",
    "Every address works. A call takes place on its day and changes nothing.",
)
ASSUMED_AHEAD = "Nobody pays, promises or disputes anything new; what is promised or blocked today ends on its day."
ASSUMED_REPLAY = (
    "Nobody had heard anything before the first day; payments are those of the ledger, each from the day after."
    " Promises, disputes, blocks and plans of that time are left out."
)


class Stopped(Exception):
    """Somebody cancelled the simulation, or another worker took it over."""


def first_problem(first_on: date, days: int, today: date, *, is_replay: bool) -> str:
    """Why this period cannot be tried, as a sentence; empty when it can."""
    if not 1 <= days <= LONGEST:
        return f"A simulation takes between 1 and {LONGEST} days, not {days}."
    if is_replay and first_on + timedelta(days=days) > today:
        return "A replay ends yesterday at the latest: choose an earlier first day, or fewer days."
    if not is_replay and first_on < today:
        return "The books are as they are today: begin today or later, or replay a past period."
    return ""


@transaction.atomic
def ask_for_simulation(
    procedure: DunningProcedure, *, first_on: date, days: int, is_replay: bool, actor: Actor
) -> Simulation:
    """A worker takes it up. Raises DunningError for a procedure without levels."""
    if not procedure.levels.exists():
        raise DunningError(f"{procedure} has no level yet, so there is nothing to try. Add one first.")
    simulation = Simulation.objects.create(
        procedure=procedure, first_on=first_on, days=days, is_replay=is_replay, asked_by=user_or_none(actor)
    )
    record("simulation_asked", simulation, actor=actor, text=f"Simulation of {procedure} over {days} days")
    return simulation


@transaction.atomic
def cancel_simulation(simulation_id: int, *, actor: Actor) -> Simulation:
    """The worker stops at its next chunk. Raises DunningError when it is over already."""
    simulation = Simulation.objects.select_for_update().get(pk=simulation_id)
    under_way = (SimulationStatus.WAITING, SimulationStatus.RUNNING)
    if simulation.status not in under_way:
        raise DunningError("This simulation is over already, so there is nothing to cancel.")
    simulation.status, simulation.error, simulation.finished_at = SimulationStatus.FAILED, CANCELLED, now()
    simulation.save(update_fields=["status", "error", "finished_at"])
    record("simulation_cancelled", simulation, actor=actor, text=f"Simulation of {simulation.procedure} cancelled")
    return simulation


def run_simulations() -> int:
    """Work off everything that waits; returns how many were finished. May run twice or beside itself."""
    done = 0
    while simulation := _claim():
        done += _run(simulation)
    return done


@transaction.atomic(durable=True)
def _claim() -> Simulation | None:
    """The oldest that waits, or whose worker fell silent."""
    rows = Simulation.objects.select_for_update(skip_locked=True, of=("self",)).select_related("procedure")
    open_ones = rows.filter(status__in=(SimulationStatus.WAITING, SimulationStatus.RUNNING)).order_by("pk")
    for simulation in open_ones:
        if simulation.status == SimulationStatus.RUNNING and not _is_silent(simulation):
            continue
        simulation.status, simulation.progress = SimulationStatus.RUNNING, 0
        simulation.result = {"claimed_at": now().isoformat(), "heard_at": now().isoformat()}
        simulation.save(update_fields=["status", "progress", "result"])
        return simulation
    return None


def _is_silent(simulation: Simulation) -> bool:
    heard_at = parse_datetime(simulation.result.get("heard_at", ""))
    return heard_at is None or heard_at < now() - SILENT_AFTER


def _run(simulation: Simulation) -> bool:
    """True when it ended with a result. A claim that another worker or a person took away ends quietly."""
    ours = Simulation.objects.filter(
        pk=simulation.pk, status=SimulationStatus.RUNNING, result__claimed_at=simulation.result["claimed_at"]
    )

    def progress(percent: int) -> None:
        heard = {**simulation.result, "heard_at": now().isoformat()}
        if not ours.update(progress=percent, result=heard):
            raise Stopped

    period = period_of(simulation.first_on, simulation.days, is_replay=simulation.is_replay)
    try:
        result = simulate_procedure(simulation.procedure, period, progress=progress)
    except Stopped:
        return False
    except Exception as exc:
        ours.update(
            status=SimulationStatus.FAILED, error=f"{type(exc).__name__}: {exc}"[:300], result={}, finished_at=now()
        )
        return False
    return bool(ours.update(status=SimulationStatus.DONE, progress=100, result=result, finished_at=now()))


def period_of(first_on: date, days: int, *, is_replay: bool) -> Period:
    return Period(first_on, first_on + timedelta(days=days - 1), is_replay)


def simulate_procedure(
    procedure: DunningProcedure, period: Period, *, progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """What it would say, beside what the procedures in force would. Reads only; memory does not grow with clients."""
    begun, wanted = perf_counter(), tried(procedure, period)
    total = clients_owing(period).count()
    here, there, differences = Tally(budgets()), Tally(budgets()), Differences()
    looked_at = served = 0
    for client_ids in client_chunks(period):
        for subject, mine, theirs in _happenings(client_ids, procedure, wanted, period):
            served += 1
            here.add(subject.code, subject.collector, mine)
            there.add(subject.code, subject.collector, theirs)
            differences.add(subject.code, mine, theirs)
        looked_at += len(client_ids)
        if progress:
            progress(min(looked_at * 100 // max(total, 1), 99))
    return {
        "procedure": procedure.name,
        "version": procedure.version,
        "first_on": period.first_on.isoformat(),
        "last_on": period.last_on.isoformat(),
        "is_replay": period.is_replay,
        "assumed": [*ASSUMED, ASSUMED_REPLAY if period.is_replay else ASSUMED_AHEAD],
        "clients": served,
        "budgets": [budget._asdict() for budget in budgets()],
        "here": here.as_json(),
        "current": there.as_json(),
        "differences": differences.as_json(),
        "seconds": round(perf_counter() - begun, 2),
    }


def _happenings(
    client_ids: list[int], procedure: DunningProcedure, wanted: Procedure, period: Period
) -> Iterator[tuple[Subject, list[Happening], list[Happening]]]:
    for subject in subjects(client_ids, procedure, period):
        days = (period.first_on, period.last_on, subject.movements)
        mine = list(simulate(subject.account, wanted, *days))
        is_same = subject.current is None or subject.current.id == wanted.id
        theirs = mine if is_same else list(simulate(subject.account, subject.current or wanted, *days))
        yield subject, mine, theirs


def budgets() -> tuple[Budget, ...]:
    """How many contacts of all channels together good manners allow: the caps of the profile that ships."""
    manners = next((profile for profile in profiles() if profile.id == "default"), None)
    caps = manners.caps if manners else ()
    return tuple(Budget(cap.most, cap.days) for cap in caps if cap.counts == Counts.CONTACTS and not cap.channel)
