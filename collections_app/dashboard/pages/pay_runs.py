"""The days on which one client pays: entered, or accepted from what his receipts show."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from reminders.errors import DunningError
from reminders.models import PayRunDays
from reminders.rules.payruns import spoken
from reminders.services.pay_runs import set_pay_runs, suggested_pay_runs

from ..access import client_for_staff
from ..forms.pay_runs import PayRunsForm
from ..said import done, refused


@needs("work")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    known = PayRunDays.objects.filter(client=client).first()
    initial = {"days": known.days, "weeks": known.weeks, "anchor_on": known.anchor_on} if known else {}
    form = PayRunsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        set_pay_runs(client, form.runs, actor=request.user)
        text = f"{client} pays {spoken(form.runs)}." if form.runs else f"No pay runs of {client} are known."
        return done(request, text, "dashboard:client", pk)
    learned = suggested_pay_runs(pk, localdate())
    context = {"client": client, "form": form, "known": known, "learned": learned}
    context["learned_words"] = spoken(learned.runs) if learned else ""
    status = 422 if form.is_bound else 200
    return render(request, "dashboard/client/pay_runs.html", context, status=status)


@needs("work")
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over what the receipts show at this moment."""
    client = client_for_staff(pk)
    learned = suggested_pay_runs(pk, localdate())
    if learned is None:
        return refused(request, DunningError("The receipts show no habit any more."), "dashboard:client_pay_runs", pk)
    set_pay_runs(client, learned.runs, actor=request.user, is_learned=True)
    return done(request, f"{client} pays {spoken(learned.runs)}.", "dashboard:client", pk)


urls = [
    path("clients/<int:pk>/pay-runs/", edit, name="client_pay_runs"),
    path("clients/<int:pk>/pay-runs/accept/", accept, name="client_pay_runs_accept"),
]
