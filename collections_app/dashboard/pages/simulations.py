"""Simulations: what a procedure would say over the open items or over a past period, beside those in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_POST
from django_q.tasks import async_task

from collections_app.formats import day_short, number
from collections_app.permissions import needs
from reminders.errors import DunningError
from reminders.models import Channel, Simulation, SimulationStatus
from reminders.services.simulating import ask_for_simulation, cancel_simulation

from ..charts import Chart, Group, Part, stacked_columns
from ..columns import Column, Link
from ..dunning_access import simulation_for_staff
from ..exports import csv_answer
from ..forms.trials import REPLAY, SimulationForm
from ..listing import ListPage
from ..said import done, refused

TONES = {"email": "b0", "sms": "b1", "call": "b2", "letter": "b3", "webhook": "b5", "decide": "b4"}
MOST_COLUMNS = 10  # more, and their dates run into each other
UNDER_WAY = (SimulationStatus.WAITING, SimulationStatus.RUNNING)


def simulation_url(row: Simulation) -> str:
    return reverse("dashboard:simulation", args=[row.pk])


class SimulationList(ListPage):
    title = "Simulations"
    subtitle = "Try a procedure over your own books before it speaks to anybody. Nothing is changed or sent."
    queryset = Simulation.objects.select_related("procedure", "asked_by").all
    columns = [
        Column("procedure", "Procedure", link=simulation_url),
        Column("first_on", "From", "date"),
        Column("days", "Days", "number"),
        Column(lambda row: "Past period" if row.is_replay else "Days to come", "Over"),
        Column(lambda row: row.result.get("here", {}).get("proposed"), "Steps", "number"),
        Column("status", "Status", "badge"),
        Column("asked_at", "Asked", "moment"),
    ]
    links = [Link("New simulation", "dashboard:simulation_new", key="n", permission="configure")]
    empty_title = "No simulation yet"
    empty_text = "Choose a procedure and a number of days; a worker works it out within seconds or minutes."


@needs("configure")
def new(request: HttpRequest) -> HttpResponse:
    form = SimulationForm(request.POST or None, initial={"procedure": request.GET.get("procedure")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = ask_for_simulation(
                given["procedure"],
                first_on=given["first_on"],
                days=given["days"],
                is_replay=given["over"] == REPLAY,
                actor=request.user,
            )
        except DunningError as error:
            form.add_error("procedure", str(error))
        else:
            async_task("reminders.tasks.run_simulations")
            return done(request, "A worker has it. This page shows how far it is.", "dashboard:simulation", made.pk)
    context = {"form": form, "title": "New simulation"}
    return render(request, "dashboard/simulations/new.html", context, status=422 if form.is_bound else 200)


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponseBase:
    row = simulation_for_staff(pk)
    if row.status == SimulationStatus.DONE and request.GET.get("export") == "csv":
        return csv_answer(f"simulation-{row.pk}", DAY_COLUMNS, day_rows(row.result))
    if row.status == SimulationStatus.DONE and request.GET.get("export") == "json":
        return JsonResponse(row.result, headers={"Content-Disposition": f'attachment; filename="simulation-{pk}.json"'})
    context = {"row": row, "is_under_way": row.status in UNDER_WAY}
    if row.status == SimulationStatus.DONE:
        context |= shown(row.result)
    return render(request, "dashboard/simulations/page.html", context)


@needs("configure")
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    simulation_for_staff(pk)
    try:
        cancel_simulation(pk, actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:simulation", pk)
    return done(request, "Cancelled. Nothing was changed.", "dashboard:simulations")


def shown(result: dict[str, Any]) -> dict[str, Any]:
    """The result as the page shows it: charts of both sides on the same days, levels side by side."""
    here, current = result["here"], result["current"]
    is_same = here == current
    return {
        "result": result,
        "first_on": date.fromisoformat(result["first_on"]),
        "last_on": date.fromisoformat(result["last_on"]),
        "is_same": is_same,
        "charts": [day_chart(f"{result['procedure']}: steps by day", result, here)]
        + ([] if is_same else [day_chart("Procedures in force: steps by day", result, current)]),
        "levels": [level_row(level) for level in here["by_level"]],
        "current_levels": [] if is_same else [level_row(level) for level in current["by_level"]],
        "calls": [(name, count, current["calls"].get(name, 0)) for name, count in here["calls"].items()],
        "hours": (hours(here), hours(current)),
    }


def hours(side: dict[str, Any]) -> str:
    return number(Decimal(str(side["minutes"])) / 60, 1)


def level_row(level: dict[str, Any]) -> dict[str, Any]:
    amounts = [(currency, Decimal(amount)) for currency, amount in level["amounts"].items()]
    return {**level, "channel": Channel(level["channel"]).label, "amounts": amounts}


def day_chart(title: str, result: dict[str, Any], side: dict[str, Any]) -> Chart:
    """One column a day, or several days together where there are more than fit."""
    first_on, last_on = (date.fromisoformat(result[name]) for name in ("first_on", "last_on"))
    days = (last_on - first_on).days + 1
    width = -(-days // MOST_COLUMNS)
    channels = [name for name in TONES if name in side["channels"]]
    counts = [dict.fromkeys(channels, 0) for _ in range(-(-days // width))]
    for one in side["by_day"]:
        column = counts[(date.fromisoformat(one["on"]) - first_on).days // width]
        for channel in channels:
            column[channel] += one.get(channel, 0)
    groups = [
        Group(
            day_short(date.fromordinal(first_on.toordinal() + n * width)),
            [Part(Channel(name).label, Decimal(count), number(count), TONES[name]) for name, count in column.items()],
            number(sum(column.values())),
        )
        for n, column in enumerate(counts)
    ]
    return stacked_columns(title if width == 1 else f"{title}, {width} days a column", groups)


DAY_COLUMNS = [
    Column(lambda row: row["on"], "Day", "date"),
    Column(lambda row: row["side"], "Procedure"),
    *(Column(lambda row, name=name: row.get(name, 0), Channel(name).label, "number") for name in TONES),
]


def day_rows(result: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, side in ((result["procedure"], result["here"]), ("In force", result["current"])):
        for one in side["by_day"]:
            yield {**one, "side": name, "on": date.fromisoformat(one["on"])}


urls = [
    path("simulations/", SimulationList.as_view(), name="simulations"),
    path("simulations/new/", new, name="simulation_new"),
    path("simulations/<int:pk>/", page, name="simulation"),
    path("simulations/<int:pk>/cancel/", cancel, name="simulation_cancel"),
]
