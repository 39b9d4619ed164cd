"""What a run on a day would do, from the books as they are now. Changes nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate

from collections_app.permissions import needs
from reminders.services.procedure_preview import LOOKED_AT, preview_run

from ..forms.trials import DayForm


@needs("view")
def page(request: HttpRequest) -> HttpResponse:
    form = DayForm(request.GET or {"on": localdate().isoformat()})
    on = form.cleaned_data["on"] if form.is_valid() else None
    context = {"form": form, "preview": preview_run(on) if on else None, "looked_at": LOOKED_AT}
    return render(request, "dashboard/runs/dry.html", context)


urls = [path("runs/dry/", page, name="run_dry")]
