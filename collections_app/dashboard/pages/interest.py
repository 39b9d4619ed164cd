"""What late payment of one invoice costs, line by line: the figures of `manage.py interest` on a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from collections_app.permissions import needs
from invoices.rules.interest.computing import compute
from invoices.rules.interest.refusals import InterestRefused
from invoices.rules.interest.settling import as_claim
from invoices.rules.interest.showing import as_record
from invoices.services.rates import rates_in_force, scheme_for

from ..forms.charges import InterestForm


@needs("view")
def page(request: HttpRequest) -> HttpResponse:
    """Everything asked stands in the address, so that an answer can be passed on."""
    form = InterestForm(request.GET) if request.GET else InterestForm()
    context = {"form": form, **(answer(form) if form.is_bound and form.is_valid() else {})}
    return render(request, "dashboard/charges/interest.html", context)


def answer(form: InterestForm) -> dict[str, Any]:
    given = form.cleaned_data
    try:
        scheme = scheme_for(given["scheme"], given["country"])
        found = as_record(compute(scheme, as_claim(form.question(scheme)), rates_in_force()))
    except InterestRefused as refused:
        return {"refused": str(refused)}
    return {"found": found, "scheme": scheme}


urls = [path("interest/", page, name="interest")]
