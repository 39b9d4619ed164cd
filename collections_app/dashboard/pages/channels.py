"""The ways out: which are set up, a test message to oneself, and the limit of an hour."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.queries.organisation import organisation
from invoices.services.settings import change_organisation
from reminders.errors import DunningError
from reminders.services.trying import send_test, ways_out

from ..forms.channels import SendLimitForm
from ..said import done, refused


@needs("configure")
def page(request: HttpRequest) -> HttpResponse:
    form = SendLimitForm(request.POST or None, instance=organisation())
    if request.method == "POST" and form.is_valid():
        changed = change_organisation(form.cleaned_data, actor=request.user)
        text = f"Changed: {', '.join(changed)}." if changed else "Nothing was different, so nothing changed."
        return done(request, text, "dashboard:channels")
    context = {"rows": ways_out(request.user), "form": form}
    return render(request, "dashboard/settings/channels.html", context, status=422 if form.errors else 200)


@needs("configure")
@require_POST
def test(request: HttpRequest, name: str) -> HttpResponse:
    try:
        to = send_test(name, actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:channels")
    return done(request, f"A test message is on its way to {to}.", "dashboard:channels")


urls = [
    path("settings/channels/", page, name="channels"),
    path("settings/channels/<slug:name>/test/", test, name="channel_test"),
]
