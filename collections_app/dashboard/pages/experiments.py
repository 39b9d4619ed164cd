"""Experiments at a level, what they showed, and plain rates that compare nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.formats import number
from collections_app.permissions import needs
from reminders.errors import DunningError
from reminders.models import Experiment
from reminders.queries.learning import BY, LOOKED_BACK, WINDOWS, ArmResult, Paid, Rate, rates_by, results_of
from reminders.rules.statistics import LEAST_PER_ARM, Interval, Verdict, clients_needed, difference, share, verdict
from reminders.services.experiments import add_experiment, end_experiment, level_of, start_experiment

from ..columns import Column, Link
from ..dunning_access import experiment_for_staff
from ..forms.procedures import WORDS
from ..forms.trials import ExperimentForm
from ..listing import ListPage
from ..said import done, refused

# What may be said, in words; the figures stand beside it.
CLAIMS = {
    Verdict.NO_DIFFERENCE: "No difference can be told from chance.",
    Verdict.BETTER: "More pay than in the arm it is compared with, and chance alone would hardly do that.",
    Verdict.WORSE: "Fewer pay than in the arm it is compared with, and chance alone would hardly do that.",
}
NOTICED = 0.1  # the change of a share that "how many are needed" is about


def experiment_url(row: Experiment) -> str:
    return reverse("dashboard:experiment", args=[row.pk])


def state(row: Experiment) -> str:
    if row.ended_on:
        return "Ended"
    return "Running" if row.started_on else "Planned"


class ExperimentList(ListPage):
    title = "Experiments"
    subtitle = "Does a level help, and would other words help more? Chance decides who hears what; figures tell."
    queryset = Experiment.objects.select_related("procedure").all
    columns = [
        Column("name", "Experiment", link=experiment_url),
        Column("procedure", "Procedure"),
        Column("position", "Level", "number"),
        Column(state, "State", "badge"),
        Column("started_on", "Started", "date"),
        Column("ended_on", "Ended", "date"),
    ]
    links = [
        Link("Rates", "dashboard:rates_paid"),
        Link("New experiment", "dashboard:experiment_new", key="n", permission="configure"),
    ]
    empty_title = "No experiment yet"
    empty_text = "Leave some clients alone at a level for two weeks, or write to some in other words, and see who pays."


@needs("configure")
def new(request: HttpRequest) -> HttpResponse:
    words = [(name, label) for name, label in {n: w for found in WORDS.values() for n, w in found}.items()]
    form = ExperimentForm(request.POST or None, words=words)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = add_experiment(
                given["level"],
                name=given["name"],
                question=given["question"],
                arms=form.arms,
                actor=request.user,
            )
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            return done(
                request, f"{made} is planned. Nothing happens before you start it.", "dashboard:experiment", made.pk
            )
    context = {"form": form, "title": "New experiment"}
    return render(request, "dashboard/experiments/new.html", context, status=422 if form.is_bound else 200)


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    experiment, today = experiment_for_staff(pk), localdate()
    results = results_of(experiment, today) if experiment.started_on else []
    context = {
        "experiment": experiment,
        "state": state(experiment),
        "level": level_of(experiment),
        "variants": experiment.variants.order_by("pk"),
        "assigned": sum(result.assigned for result in results),
        "windows": [window_row(results, n, days) for n, days in enumerate(WINDOWS)] if results else [],
        "least": LEAST_PER_ARM,
    }
    return render(request, "dashboard/experiments/page.html", context)


def window_row(results: list[ArmResult], n: int, days: int) -> dict[str, Any]:
    """One table: every arm, and each but the control against it."""
    control = next((one for one in results if one.variant.is_holdout), results[0])
    base = control.windows[n]
    return {
        "days": days,
        "control": control.variant,
        "arms": [arm_row(one, one.windows[n], None if one is control else base) for one in results],
    }


def arm_row(result: ArmResult, paid: Paid, base: Paid | None) -> dict[str, Any]:
    arm = paid.arm
    is_known = arm.clients > 0
    return {
        "variant": result.variant,
        "assigned": result.assigned,
        "clients": arm.clients,
        "paid": arm.paid,
        "share": in_percent(share(arm.paid, arm.clients)) if is_known else "",
        "amounts": [
            (currency, paid.came[currency], asked, percent(float(paid.came[currency] / asked)) if asked else "")
            for currency, asked in sorted(paid.asked.items())
        ],
        "is_control": base is None,
        **(compared(paid, base) if base is not None else {}),
    }


def compared(paid: Paid, base: Paid) -> dict[str, Any]:
    """The difference with its interval, and what may be said of it; nothing while there are too few."""
    found = verdict(paid.arm, base.arm)
    if found is Verdict.NOT_ENOUGH:
        return {"claim": not_enough(paid, base), "verdict": "not enough yet"}
    return {
        "difference": in_points(difference(paid.arm, base.arm)),
        "claim": CLAIMS[found],
        "verdict": found.value.replace("_", " "),
    }


def not_enough(paid: Paid, base: Paid) -> str:
    fewest = min(paid.arm.clients, base.arm.clients)
    known = base.arm.paid / base.arm.clients if base.arm.clients else 0.5
    needed = clients_needed(min(max(known, 0.05), 0.85), NOTICED)
    return (
        f"Not enough yet: {fewest} clients in the smaller arm have had their {paid.days} days, and fewer than"
        f" {LEAST_PER_ARM} tell nothing. To notice a change of 10 points takes about {number(needed)} in each."
    )


def percent(value: float) -> str:
    return f"{number(value * 100, 1)} %"


def in_percent(found: Interval) -> str:
    return f"{percent(found.value)} ({number(found.low * 100, 1)} to {number(found.high * 100, 1)})"


def in_points(found: Interval) -> str:
    """Percentage points, with a sign."""
    low, value, high = (number(one * 100, 1) for one in (found.low, found.value, found.high))
    return f"{'+' if found.value > 0 else ''}{value} points ({low} to {high})"


@needs("configure")
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    experiment_for_staff(pk)
    try:
        experiment = start_experiment(pk, today=localdate(), actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:experiment", pk)
    return done(request, f"{experiment} runs from the next dunning run on.", "dashboard:experiment", pk)


@needs("configure")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    experiment_for_staff(pk)
    try:
        experiment = end_experiment(pk, today=localdate(), actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:experiment", pk)
    return done(request, f"{experiment} has ended; everybody is planned as usual again.", "dashboard:experiment", pk)


@needs("view")
def rates(request: HttpRequest) -> HttpResponse:
    """How often invoices were settled soon after a notice; compares nothing, and says so."""
    today = localdate()
    tables = [(label, [rate_row(one) for one in rates_by(what, today)]) for what, (label, _) in BY.items()]
    return render(
        request, "dashboard/experiments/rates.html", {"tables": tables, "days": LOOKED_BACK, "windows": WINDOWS}
    )


def rate_row(rate: Rate) -> dict[str, Any]:
    return {
        "label": rate.label,
        "lines": rate.lines,
        "shares": [in_percent(share(settled, rate.lines)) for settled in rate.settled],
    }


urls = [
    path("experiments/", ExperimentList.as_view(), name="experiments"),
    path("experiments/new/", new, name="experiment_new"),
    path("experiments/rates/", rates, name="rates_paid"),
    path("experiments/<int:pk>/", page, name="experiment"),
    path("experiments/<int:pk>/start/", start, name="experiment_start"),
    path("experiments/<int:pk>/end/", end, name="experiment_end"),
]
