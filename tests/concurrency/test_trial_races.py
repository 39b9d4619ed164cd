"""Two starts at one level at once, and two workers over one simulation, on real locks."""

from __future__ import annotations

import pytest
from django.db import IntegrityError
from django.utils.timezone import localdate

from reminders.errors import DunningError
from reminders.models import DunningProcedure, Experiment
from reminders.services import experiments, simulating
from reminders.services.experiments import Arms, add_experiment, start_experiment
from tests.builders import a_procedure
from tests.concurrency.test_correction_races import meeting_after, twice_at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def procedure() -> DunningProcedure:
    return a_procedure()


def start_two(procedure: DunningProcedure) -> list[Exception]:
    level = procedure.levels.get(position=1)
    waiting = [
        add_experiment(level, name=name, question="", arms=Arms(silent_share=50), actor="Fay").pk for name in ("A", "B")
    ]
    return twice_at_once(lambda: start_experiment(waiting.pop(), today=localdate(), actor="Fay"))


def test_two_starts_at_one_level_make_one(procedure, monkeypatch):
    with meeting_after(monkeypatch, experiments, "_check_start"):
        raised = start_two(procedure)
    assert [type(error) for error in raised] == [DunningError]
    assert Experiment.objects.filter(started_on__isnull=False).count() == 1


def test_control_without_the_lock_only_the_constraint_stops_the_second_start(procedure, monkeypatch):
    unlocked = Experiment.objects.select_related("procedure")
    monkeypatch.setattr(experiments, "_locked", lambda pk: unlocked.get(pk=pk))
    with meeting_after(monkeypatch, experiments, "_check_start"):
        raised = start_two(procedure)
    assert [type(error) for error in raised] == [IntegrityError]


def test_two_workers_work_out_a_simulation_once(procedure):
    simulation = simulating.ask_for_simulation(procedure, first_on=localdate(), days=5, is_replay=False, actor="Fay")
    done: list[int] = []
    assert twice_at_once(lambda: done.append(simulating.run_simulations())) == []
    assert sorted(done) == [0, 1]
    simulation.refresh_from_db()
    assert simulation.status == "done"
