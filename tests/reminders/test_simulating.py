"""The simulator says what the runs of the days to come propose, and changes nothing."""

from __future__ import annotations

import io
import json
import tempfile
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import TestCase, override_settings
from django.utils.timezone import localdate, now

from collections_app.demo.clock import clock_at
from reminders.channels import CHANNELS
from reminders.errors import DunningError
from reminders.models import DunningProcedure, Notice, OutgoingStatus, ProcedureStatus, Simulation, SimulationStatus
from reminders.queries.simulating import client_chunks, subjects
from reminders.rules.simulating import simulate
from reminders.services import simulating
from reminders.services.approvals import approve, mark_posted
from reminders.services.dispatch import send_notices
from reminders.services.dunning_run import dunning_run
from reminders.services.recovery import settle_unknown
from reminders.services.simulating import (
    ask_for_simulation,
    cancel_simulation,
    first_problem,
    period_of,
    run_simulations,
    simulate_procedure,
)
from tests import builders
from tests.fakes.null_channel import NullChannel

SATURDAY = date(2026, 11, 21)
DAYS = 7
TODAY = localdate()


def snapshot() -> dict[str, Any]:
    """Every row of every table of ours."""
    with connection.cursor() as cursor:
        tables = [t for t in connection.introspection.table_names(cursor) if t.startswith(("invoices_", "reminders_"))]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def carry_out(on: date) -> None:
    """Everything that waits leaves today: approved, sent, printed and posted."""
    for pk in Notice.objects.filter(status=OutgoingStatus.PROPOSED).values_list("pk", flat=True):
        approve(pk, actor="Fay", today=on)
    send_notices(on)
    mark_posted(
        Notice.objects.filter(status=OutgoingStatus.PRINTING).values_list("pk", flat=True), actor="Fay", today=on
    )


class DemoCompany(TestCase):
    """Over the small demo company, whose clients are in every state there is."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.mail, CHANNELS["email"] = CHANNELS["email"], NullChannel()
        cls.addClassCleanup(CHANNELS.__setitem__, "email", cls.mail)
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.enterClassContext(override_settings(MEDIA_ROOT=cls.folder))
        with clock_at(SATURDAY, 7):
            call_command("demo", "--clients", "25", "--invoices", "150", stdout=io.StringIO())
            for pk in Notice.objects.filter(status=OutgoingStatus.UNKNOWN).values_list("pk", flat=True):
                settle_unknown(pk, was_sent=True, actor="Fay", today=SATURDAY)
        with clock_at(SATURDAY + timedelta(days=2), 10):
            dunning_run(SATURDAY + timedelta(days=2))
            carry_out(SATURDAY + timedelta(days=2))

    def test_simulated_days_are_what_the_runs_of_these_days_propose(self) -> None:
        first_on = SATURDAY + timedelta(days=3)
        period = period_of(first_on, DAYS, is_replay=False)
        procedure = DunningProcedure.objects.get(is_default=True)
        simulated = []
        with clock_at(first_on, 6):
            before = snapshot()
            for chunk in client_chunks(period):
                for one in subjects(chunk, procedure, period):
                    for made in simulate(one.account, one.current, first_on, period.last_on, one.movements):
                        lines = sorted((line.invoice_id, line.position) for line in made.proposal.lines)
                        simulated.append((made.on, one.code, made.proposal.level.channel, lines))
            result = simulate_procedure(procedure, period)
            assert snapshot() == before
        for day in range(DAYS):
            on = first_on + timedelta(days=day)
            with clock_at(on, 10):
                dunning_run(on)
                carry_out(on)
        rows = Notice.objects.filter(proposed_on__gte=first_on).select_related("client").prefetch_related("lines")
        real = [
            (row.proposed_on, row.client.code, row.channel, sorted((x.invoice_id, x.position) for x in row.lines.all()))
            for row in rows.exclude(status=OutgoingStatus.FAILED)
        ]
        assert sorted(simulated) == sorted(real)
        assert real
        assert result["here"]["channels"] == dict(Counter(channel for _, _, channel, _ in real))
        assert result["here"] == result["current"]
        assert result["differences"]["same"] == result["clients"]


# --- asked for, worked out by a worker, cancelled


@pytest.fixture
def owed(db: None) -> DunningProcedure:
    """Slowco owes on the default procedure, three days late."""
    builders.an_organisation()
    builders.an_invoice(builders.slowco(), days_late=3)
    return DunningProcedure.objects.get(is_default=True)


def asked(procedure: DunningProcedure, days: int = 30, **given: Any) -> Simulation:
    return ask_for_simulation(
        procedure, **{"first_on": TODAY, "days": days, "is_replay": False, "actor": "Fay", **given}
    )


@pytest.mark.django_db(transaction=True)
def test_worker_works_off_what_waits(owed: DunningProcedure) -> None:
    simulation = asked(owed)
    assert run_simulations() == 1
    simulation.refresh_from_db()
    assert (simulation.status, simulation.progress) == (SimulationStatus.DONE, 100)
    assert simulation.result["clients"] == 1
    assert simulation.result["here"]["by_level"][0]["name"] == "First reminder"
    assert simulation.result["here"]["by_level"][0]["amounts"] == {"GBP": "100.000"}
    assert run_simulations() == 0


@pytest.mark.django_db(transaction=True)
def test_cancelled_simulation_is_not_worked_out(owed: DunningProcedure) -> None:
    simulation = asked(owed)
    cancel_simulation(simulation.pk, actor="Fay")
    assert run_simulations() == 0
    with pytest.raises(DunningError, match="over already"):
        cancel_simulation(simulation.pk, actor="Fay")


@pytest.mark.django_db(transaction=True)
def test_silent_worker_is_replaced_and_a_busy_one_is_not(owed: DunningProcedure) -> None:
    simulation = asked(owed)
    busy = {"claimed_at": "then", "heard_at": now().isoformat()}
    rows = Simulation.objects.filter(pk=simulation.pk)
    rows.update(status=SimulationStatus.RUNNING, result=busy)
    assert run_simulations() == 0
    rows.update(result={**busy, "heard_at": (now() - simulating.SILENT_AFTER * 2).isoformat()})
    assert run_simulations() == 1


def test_procedure_without_levels_is_refused(db: None) -> None:
    with pytest.raises(DunningError, match="no level yet"):
        asked(builders.a_procedure([]))


@pytest.mark.parametrize(
    ("offset", "days", "is_replay", "words"),
    [(0, 30, False, ""), (-30, 30, True, ""), (0, 0, False, "between 1 and 366"), (0, 367, False, "between 1"),
     (-1, 5, False, "begin today or later"), (-29, 30, True, "ends yesterday at the latest")],
)  # fmt: skip
def test_period_that_cannot_be_tried_is_named(offset: int, days: int, is_replay: bool, words: str) -> None:
    problem = first_problem(TODAY + timedelta(days=offset), days, TODAY, is_replay=is_replay)
    assert words in problem
    assert bool(words) == bool(problem)


def test_draft_is_compared_with_the_procedure_in_force(owed: DunningProcedure) -> None:
    draft = builders.a_procedure([{"days_past_due": 1}], status=ProcedureStatus.DRAFT)
    found = simulate_procedure(draft, period_of(TODAY, 60, is_replay=False))
    assert found["clients"] == 1
    assert found["here"]["proposed"] == 1
    assert found["current"]["proposed"] > 1
    assert found["differences"]["fewer"] == 1
    assert found["differences"]["first"][0]["client"] == "SLOWCO"


def test_replay_takes_the_payments_that_came(db: None) -> None:
    builders.an_organisation()
    procedure = builders.a_procedure()
    first_on = TODAY - timedelta(days=40)
    good, bad = (builders.follow(client, procedure) for client in (builders.acme(), builders.slowco()))
    paid = builders.an_invoice(good, due_on=first_on)
    builders.an_invoice(bad, due_on=first_on)
    builders.a_receipt(good, "100", pays=paid, on=first_on + timedelta(days=3))
    found = simulate_procedure(procedure, period_of(first_on, 30, is_replay=True))
    assert found["clients"] == 2
    assert [(level["name"], level["count"]) for level in found["here"]["by_level"]] == [
        ("First reminder", 2),
        ("Second reminder", 1),
    ]


def test_command_prints_json_and_changes_nothing(owed: DunningProcedure) -> None:
    before, out = snapshot(), io.StringIO()
    call_command("simulate", "--days", "60", "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert found["procedure"] == "Standard"
    assert found["here"]["contacted"] == 1
    assert snapshot() == before


def test_command_names_the_procedures_there_are(owed: DunningProcedure) -> None:
    with pytest.raises(CommandError, match=r"no procedure called 'None such'\. There are: Standard\."):
        call_command("simulate", "--procedure", "None such")


def test_chunk_of_clients_is_read_at_once(owed: DunningProcedure, django_assert_max_num_queries: Any) -> None:
    for _ in range(8):
        builders.an_invoice(builders.a_client(), days_late=3)
    with django_assert_max_num_queries(45):
        found = simulate_procedure(owed, period_of(TODAY, 30, is_replay=False))
    assert found["clients"] == 9
