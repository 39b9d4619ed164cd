"""Runs of the dunning engine, the button that starts one, and the kill switch."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST
from django_q.tasks import async_task

from collections_app.formats import number
from collections_app.permissions import needs
from invoices.models import Client
from invoices.queries.organisation import organisation
from reminders.errors import DunningError
from reminders.models import DunningRun
from reminders.queries.runs import level_counts, skipped_in_words
from reminders.services.dunning_run import dunning_run
from reminders.services.sending import start_sending, stop_sending

from ..dunning_access import run_for_staff
from ..forms.notices import ReasonForm
from ..listing import Column, ListPage
from ..said import done

# A run over more clients than this takes longer than a reader should wait: the worker does it.
INLINE_LIMIT = 500


def run_url(run: DunningRun) -> str:
    return reverse("dashboard:run", args=[run.pk])


def state(run: DunningRun) -> str:
    if run.finished_at is None:
        return "Running"
    return "With warnings" if run.warnings else "Done"


def seconds(run: DunningRun) -> str:
    return f"{number((run.finished_at - run.started_at).total_seconds(), 1)} s" if run.finished_at else ""


class RunList(ListPage):
    title = "Runs"
    subtitle = "Each looks at the clients whose day has come and proposes what is due."
    queryset = DunningRun.objects.all
    order = "-started_at"
    columns = [
        Column("started_at", "Started", "moment", link=run_url),
        Column("on", "For", "date"),
        Column("looked_at", "Looked at", "number"),
        Column("proposed", "Proposed", "number"),
        Column(lambda run: sum(run.skipped.values()), "Not contacted", "number"),
        Column(lambda run: len(run.warnings), "Warnings", "number"),
        Column(seconds, "Took"),
        Column(state, "State", "badge"),
    ]
    template_name = "dashboard/runs/list.html"
    empty_title = "No run yet"
    empty_text = "The worker runs every hour. A manager can start one here."

    def extra(self) -> dict[str, Any]:
        return {"is_stopped": organisation().is_sending_stopped, "stop_form": ReasonForm()}


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    run = run_for_staff(pk)
    clients = Client.objects.in_bulk([warning["client_id"] for warning in run.warnings[:200]])
    context = {
        "run": run,
        "state": state(run),
        "levels": level_counts(run),
        "skipped": skipped_in_words(run),
        "warnings": [(clients.get(one["client_id"]), one["error"]) for one in run.warnings[:200]],
    }
    return render(request, "dashboard/runs/page.html", context)


@needs("configure")
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Run now: here when few clients are due, else by the worker."""
    today = localdate()
    due = Client.objects.filter(review_on__lte=today).values("pk")[: INLINE_LIMIT + 1].count()
    if due > INLINE_LIMIT:
        async_task("reminders.tasks.dunning_run")
        return done(request, "The worker takes it up within seconds. Reload to see it here.", "dashboard:runs")
    run = dunning_run(today)
    text = f"{run.looked_at} client{'' if run.looked_at == 1 else 's'} looked at, {run.proposed} proposed."
    return done(request, text, "dashboard:run", run.pk)


@needs("configure")
def stop(request: HttpRequest) -> HttpResponse:
    """The kill switch."""
    if request.method != "POST":
        return redirect("dashboard:runs")
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            stop_sending(reason=form.cleaned_data["reason"], actor=request.user)
        except DunningError as error:
            form.add_error("reason", str(error))
        else:
            return done(request, "Sending is stopped. No notice leaves until it is started again.", "dashboard:runs")
    context = {"form": form, "title": "Stop all sending"}
    return render(request, "dashboard/runs/stop.html", context, status=422)


@needs("configure")
@require_POST
def resume(request: HttpRequest) -> HttpResponse:
    start_sending(actor=request.user)
    return done(request, "Sending goes on. Each notice is read again before it leaves.", "dashboard:runs")


urls = [
    path("runs/", RunList.as_view(), name="runs"),
    path("runs/<int:pk>/", page, name="run"),
    path("runs/start/", start, name="run_start"),
    path("sending/stop/", stop, name="sending_stop"),
    path("sending/start/", resume, name="sending_start"),
]
