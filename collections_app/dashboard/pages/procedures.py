"""Procedures: the list, the page of one with its levels, and who would get what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from reminders.errors import DunningError
from reminders.models import DunningProcedure
from reminders.services import procedures
from reminders.services.procedure_preview import preview_procedure

from ..access import client_for_staff
from ..dunning_access import level_for_staff, procedure_for_staff
from ..forms.procedures import LevelForm, NewProcedureForm, PinForm, PreviewForm, ProcedureForm
from ..listing import Column, Link, ListPage
from ..said import done, refused


def procedure_url(procedure: DunningProcedure) -> str:
    return reverse("dashboard:procedure", args=[procedure.pk])


class ProcedureList(ListPage):
    title = "Procedures"
    subtitle = "Which steps are taken when. Every client follows the default unless he is pinned to another."
    order = "name"
    columns = [
        Column("name", "Procedure", sort=True, link=procedure_url),
        Column("status", "Status", "badge"),
        Column(lambda row: "Default" if row.is_default else "", "Serves"),
        Column("levels_count", "Levels", "number"),
        Column("pinned_count", "Pinned clients", "number"),
        Column("version", "Version", "number"),
    ]
    links = [
        Link("Segment rules", "dashboard:segments", key="s", permission="view"),
        Link("New procedure", "dashboard:procedure_new", key="n", permission="configure"),
    ]
    empty_title = "No procedure"
    empty_text = "Without one nobody is reminded. The default procedure ships with the product."

    def rows(self) -> QuerySet:
        return DunningProcedure.objects.annotate(
            levels_count=Count("levels", distinct=True), pinned_count=Count("accounts", distinct=True)
        )


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    procedure = procedure_for_staff(pk)
    context = {"procedure": procedure, "levels": list(procedure.levels.all()), "pinned": procedure.accounts.count()}
    return render(request, "dashboard/procedures/page.html", context)


def shown(request: HttpRequest, form: forms.Form, title: str, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, **more}
    return render(request, "dashboard/procedures/form.html", context, status=422 if form.is_bound else 200)


@needs("configure")
def new(request: HttpRequest) -> HttpResponse:
    form = NewProcedureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        like = form.cleaned_data["like"]
        try:
            made = procedures.add_procedure(
                form.cleaned_data["name"], like=like.pk if like else None, actor=request.user
            )
        except DunningError as error:
            form.add_error("name", str(error))
        else:
            text = f"{made} is a draft. Look at who would get what before you activate it."
            return done(request, text, "dashboard:procedure", made.pk)
    return shown(request, form, "New procedure", submit="Make a draft")


@needs("configure")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    procedure = procedure_for_staff(pk)
    form = ProcedureForm(request.POST or None, instance=procedure)
    if request.method == "POST" and form.is_valid():
        try:
            changed = procedures.change_procedure(pk, form.values, actor=request.user)
        except DunningError as error:
            form.add_error("name", str(error))
        else:
            return done(request, said_changed(changed), "dashboard:procedure", pk)
    return shown(request, form, "Limits of the procedure", procedure=procedure_for_staff(pk))


def said_changed(changed: list[str]) -> str:
    if not changed:
        return "Nothing was different, so nothing changed."
    return f"Changed: {', '.join(changed)}. Clients are planned afresh with the next run."


@needs("configure")
def new_level(request: HttpRequest, pk: int) -> HttpResponse:
    procedure = procedure_for_staff(pk)
    form = LevelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            level = procedures.add_level(pk, form.values, actor=request.user)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            return done(request, f"Level {level} added.", "dashboard:procedure", pk)
    return shown(request, form, "New level", procedure=procedure, submit="Add the level")


@needs("configure")
def edit_level(request: HttpRequest, pk: int) -> HttpResponse:
    level = level_for_staff(pk)
    form = LevelForm(request.POST or None, instance=level)
    if request.method == "POST" and form.is_valid():
        try:
            changed = procedures.change_level(pk, form.values, actor=request.user)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            return done(request, said_changed(changed), "dashboard:procedure", level.procedure_id)
    title = f"Level {level.position}"
    return shown(request, form, title, procedure=level.procedure, level=level_for_staff(pk))


@needs("configure")
@require_POST
def remove_level(request: HttpRequest, pk: int) -> HttpResponse:
    level = level_for_staff(pk)
    try:
        procedures.remove_level(pk, actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:procedure", level.procedure_id)
    return done(request, f"Level {level} removed.", "dashboard:procedure", level.procedure_id)


STEPS = {
    "activate": (procedures.activate, "is active"),
    "deactivate": (procedures.deactivate, "is inactive; the clients pinned to it are no longer dunned"),
    "default": (procedures.set_default, "is the default now"),
}


@needs("configure")
@require_POST
def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Activate, deactivate, make the default."""
    procedure_for_staff(pk)
    service, words = STEPS[name]
    try:
        procedure = service(pk, actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:procedure", pk)
    return done(request, f"{procedure} {words}.", "dashboard:procedure", pk)


@needs("view")
def who_gets_what(request: HttpRequest, pk: int) -> HttpResponse:
    """A dry run for any day; changes nothing."""
    procedure = procedure_for_staff(pk)
    form = PreviewForm(request.GET or {"on": localdate().isoformat()})
    on = form.cleaned_data["on"] if form.is_valid() else None
    found = preview_procedure(procedure.pk, on, is_default=procedure.is_default) if on else None
    context = {"procedure": procedure, "form": form, "preview": found}
    return render(request, "dashboard/procedures/preview.html", context)


@needs("configure")
def pin(request: HttpRequest, pk: int) -> HttpResponse:
    """Serve one client by another procedure."""
    client = client_for_staff(pk)
    account = getattr(client, "dunning", None)
    form = PinForm(request.POST or None, initial={"procedure": account.procedure_id if account else None})
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["procedure"]
        procedures.pin_client(client, wanted, actor=request.user)
        text = f"{client} follows {wanted}." if wanted else f"{client} follows the default procedure."
        return done(request, text, "dashboard:client", pk)
    context = {"form": form, "client": client, "title": "Choose the procedure", "submit": "Save"}
    return render(request, "dashboard/client/action.html", context, status=422 if form.is_bound else 200)


urls = [
    path("procedures/", ProcedureList.as_view(), name="procedures"),
    path("procedures/new/", new, name="procedure_new"),
    path("procedures/<int:pk>/", page, name="procedure"),
    path("procedures/<int:pk>/edit/", edit, name="procedure_edit"),
    path("procedures/<int:pk>/preview/", who_gets_what, name="procedure_preview"),
    path("procedures/<int:pk>/levels/new/", new_level, name="level_new"),
    path("procedures/levels/<int:pk>/", edit_level, name="level_edit"),
    path("procedures/levels/<int:pk>/remove/", remove_level, name="level_remove"),
    *(path(f"procedures/<int:pk>/{name}/", step, {"name": name}, name=f"procedure_{name}") for name in STEPS),
    path("clients/<int:pk>/procedure/", pin, name="client_pin"),
]
