"""Why a client hears, or heard, from us on a day of one's choice: the record for the past, a dry plan from today on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate

from collections_app.permissions import needs
from reminders.services.explaining import explain_client
from reminders.services.recalling import recall_client

from ..access import client_for_staff
from ..forms.trials import DayForm


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    client, today = client_for_staff(pk), localdate()
    form = DayForm(request.GET or {"on": today.isoformat()})
    on = form.cleaned_data["on"] if form.is_valid() else None
    context = {
        "client": client,
        "form": form,
        "on": on,
        "is_today": on == today,
        "recalled": recall_client(pk, on) if on and on <= today else None,
        "explanation": explain_client(pk, on) if on and on >= today else None,
    }
    return render(request, "dashboard/client/why.html", context)


urls = [path("clients/<int:pk>/why/", page, name="client_why")]
