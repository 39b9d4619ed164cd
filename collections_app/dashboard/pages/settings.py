"""Our own details, as printed on documents."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from collections_app.permissions import needs
from invoices.queries.organisation import organisation
from invoices.services.settings import change_organisation

from ..forms.setup import OrganisationForm
from ..said import done


@needs("configure")
def edit(request: HttpRequest) -> HttpResponse:
    form = OrganisationForm(request.POST or None, instance=organisation())
    if request.method == "POST" and form.is_valid():
        changed = change_organisation(form.values, actor=request.user)
        text = f"Changed: {', '.join(changed)}." if changed else "Nothing was different, so nothing changed."
        return done(request, text, "dashboard:settings")
    return render(request, "dashboard/settings/organisation.html", {"form": form}, status=422 if form.errors else 200)


urls = [path("settings/", edit, name="settings")]
