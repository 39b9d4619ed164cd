"""Pages of dry runs, simulations and experiments, and why a client hears from us on a day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils.timezone import localdate, now

from reminders.models import Assignment, Experiment, Simulation, SimulationStatus
from reminders.services.dunning_run import dunning_run
from reminders.services.experiments import Arms, add_experiment, start_experiment
from reminders.services.simulating import ask_for_simulation, period_of, simulate_procedure
from tests import builders
from tests.dashboard.dunning_world import World, a_world, as_user

pytestmark = pytest.mark.django_db
TODAY = localdate()


@pytest.fixture(autouse=True)
def fresh_figures() -> None:
    cache.clear()


@pytest.fixture
def world() -> World:
    return a_world()


def a_simulation(world: World, **given: Any) -> Simulation:
    return ask_for_simulation(
        world.procedure, **{"first_on": TODAY, "days": 40, "is_replay": False, "actor": "Fay"} | given
    )


def an_experiment(world: World) -> Experiment:
    arms = Arms(silent_share=40, other_share=20, other_template="firm")
    return add_experiment(world.level, name="Silence", question="Does it help?", arms=arms, actor="Fay")


def pages(world: World) -> dict[str, str]:
    simulation, experiment = a_simulation(world), an_experiment(world)
    return {
        "run_dry": reverse("dashboard:run_dry"),
        "client_why": reverse("dashboard:client_why", args=[world.slowco.pk]),
        "simulations": reverse("dashboard:simulations"),
        "simulation": reverse("dashboard:simulation", args=[simulation.pk]),
        "experiments": reverse("dashboard:experiments"),
        "experiment": reverse("dashboard:experiment", args=[experiment.pk]),
        "rates_paid": reverse("dashboard:rates_paid"),
    }


def test_everybody_in_the_house_reads_these_pages(world: World) -> None:
    for name, url in pages(world).items():
        for user in (world.manager, builders.ray()):
            answer = as_user(user).get(url)
            assert answer.status_code == 200, name
            assert b"{#" not in answer.content


@pytest.mark.parametrize("name", ["simulation_new", "experiment_new"])
def test_only_managers_plan(world: World, name: str) -> None:
    assert as_user(world.manager).get(reverse(f"dashboard:{name}")).status_code == 200
    for user in (builders.ray(), builders._staff("cora", "Cora", "Collector")):
        assert as_user(user).get(reverse(f"dashboard:{name}")).status_code == 403


@pytest.mark.parametrize("name", ["simulation_cancel", "experiment_start", "experiment_end"])
def test_get_changes_nothing(world: World, name: str) -> None:
    made = a_simulation(world) if name.startswith("simulation") else an_experiment(world)
    assert as_user(world.manager).get(reverse(f"dashboard:{name}", args=[made.pk])).status_code == 405
    assert as_user(builders.ray()).post(reverse(f"dashboard:{name}", args=[made.pk])).status_code == 403


def test_dry_run_page_names_who_would_hear(world: World) -> None:
    client = builders.follow(builders.a_client("DUE"), world.procedure)
    builders.an_invoice(client, days_late=2)
    answer = as_user(world.manager).get(reverse("dashboard:run_dry"), {"on": TODAY.isoformat()})
    assert b"First reminder" in answer.content
    assert reverse("dashboard:client", args=[client.pk]).encode() in answer.content
    assert not client.notices.exists()


def test_why_page_takes_the_past_from_the_record_and_the_future_from_a_plan(world: World) -> None:
    browser, url = as_user(world.manager), reverse("dashboard:client_why", args=[world.slowco.pk])
    past = browser.get(url, {"on": (TODAY - timedelta(days=30)).isoformat()})
    assert b"What was decided" in past.content
    assert b"What would be decided" not in past.content
    today = browser.get(url)
    assert b"So far today" in today.content
    assert b"What would be decided" in today.content
    future = browser.get(url, {"on": (TODAY + timedelta(days=30)).isoformat()})
    assert b"What was decided" not in future.content
    assert b"A dry plan" in future.content


@pytest.mark.parametrize("name", ["run_dry", "client_why"])
def test_day_that_is_none_is_said(world: World, name: str) -> None:
    url = reverse(f"dashboard:{name}", args=[world.slowco.pk] if name == "client_why" else [])
    answer = as_user(world.manager).get(url, {"on": "yesterday"})
    assert answer.status_code == 200
    assert b"Enter a valid date." in answer.content


def test_simulation_is_asked_for_and_cancelled(world: World) -> None:
    browser = as_user(world.manager)
    given = {"procedure": world.procedure.pk, "over": "ahead", "first_on": "", "days": "30"}
    answer = browser.post(reverse("dashboard:simulation_new"), given)
    simulation = Simulation.objects.get()
    assert answer["Location"] == reverse("dashboard:simulation", args=[simulation.pk])
    assert (simulation.first_on, simulation.days, simulation.asked_by) == (TODAY, 30, world.manager)
    assert b"A worker is at it" in browser.get(answer["Location"]).content
    browser.post(reverse("dashboard:simulation_cancel", args=[simulation.pk]))
    assert b"Cancelled" in browser.get(answer["Location"]).content


def test_period_that_cannot_be_tried_comes_back_with_the_sentence(world: World) -> None:
    given = {"procedure": world.procedure.pk, "over": "replay", "first_on": TODAY.isoformat(), "days": "30"}
    answer = as_user(world.manager).post(reverse("dashboard:simulation_new"), given)
    assert answer.status_code == 422
    assert b"A replay ends yesterday" in answer.content


def test_result_is_compared_and_exported(world: World) -> None:
    builders.an_invoice(builders.a_client("FREE"), days_late=2)
    draft = builders.a_procedure([{"days_past_due": 1, "name": "Only one"}], status="draft")
    row = ask_for_simulation(draft, first_on=TODAY, days=40, is_replay=False, actor="Fay")
    result = simulate_procedure(draft, period_of(TODAY, 40, is_replay=False))
    Simulation.objects.filter(pk=row.pk).update(
        status=SimulationStatus.DONE, progress=100, result=result, finished_at=now()
    )
    browser, url = as_user(world.manager), reverse("dashboard:simulation", args=[row.pk])
    page = browser.get(url).content.decode()
    assert "Only one" in page
    assert "Procedures in force" in page
    assert "Clients who would hear more" in page
    lines = b"".join(browser.get(url, {"export": "csv"}).streaming_content).decode().splitlines()
    assert lines[0].endswith("Day,Procedure,Mail,SMS,Call,Letter,Another system,Decision by a person")
    assert browser.get(url, {"export": "json"}).json() == result


def test_experiment_is_planned_started_and_ended(world: World) -> None:
    browser = as_user(world.manager)
    given = {
        "name": "Silence", "question": "", "level": world.level.pk, "silent_share": "50", "silent_days": "14",
        "other_share": "0", "other_template": "",
    }  # fmt: skip
    page = browser.post(reverse("dashboard:experiment_new"), given)["Location"]
    experiment = Experiment.objects.get()
    assert b"Not started" in browser.get(page).content
    browser.post(reverse("dashboard:experiment_start", args=[experiment.pk]))
    assert b"Nobody has been drawn yet" in browser.get(page).content
    browser.post(reverse("dashboard:experiment_end", args=[experiment.pk]))
    assert b"ended" in browser.get(page).content


def test_arms_that_do_not_add_up_come_back_with_the_sentence(world: World) -> None:
    given = {"name": "No", "level": world.level.pk, "silent_share": "0", "silent_days": "14", "other_share": "0"}
    answer = as_user(world.manager).post(reverse("dashboard:experiment_new"), given)
    assert answer.status_code == 422
    assert b"nothing to compare" in answer.content


def test_formal_demand_is_not_offered(world: World) -> None:
    page = as_user(world.manager).get(reverse("dashboard:experiment_new")).content.decode()
    assert "Short: 1 First reminder" in page
    assert "Short: 2 Formal demand" not in page


def test_few_clients_make_no_claim(world: World) -> None:
    experiment = start_experiment(an_experiment(world).pk, today=TODAY, actor="Fay")
    for _ in range(6):
        builders.an_invoice(builders.follow(builders.a_client(), world.procedure), days_late=3)
    dunning_run(TODAY)
    Assignment.objects.update(assigned_on=TODAY - timedelta(days=20))
    page = as_user(world.manager).get(reverse("dashboard:experiment", args=[experiment.pk])).content.decode()
    assert "Not enough yet" in page
    assert "points (" not in page


def test_rates_say_that_they_compare_nothing(world: World) -> None:
    page = as_user(world.manager).get(reverse("dashboard:rates_paid")).content.decode()
    assert "Not a comparison" in page
