"""Closed months: look at a month's totals and whether the books agree, close it, open it again with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import AuditEvent
from invoices.queries.general_ledger import control_totals, first_booked_on
from invoices.queries.organisation import organisation
from invoices.rules.periods import Period, month_before, months_to_close
from invoices.services.periods import close_month, differences, reopen_months

from ..said import done, refused

MONTHS_OFFERED = 24


class MonthForm(forms.Form):
    """One of the months that are over and still open."""

    month = forms.ChoiceField()

    def __init__(self, data: Any, months: list[Period]) -> None:
        super().__init__(data)
        self.months = {f"{month.first_on:%Y-%m}": month for month in months}
        self.fields["month"].choices = [(key, f"{month.first_on:%B %Y}") for key, month in self.months.items()]

    @property
    def chosen(self) -> Period | None:
        return self.months[self.cleaned_data["month"]] if self.is_valid() else None


class ReopenForm(forms.Form):
    reason = forms.CharField(max_length=250, help_text="Kept on the audit list.")


@needs("configure")
def page(request: HttpRequest) -> HttpResponse:
    """With a month in the address: its totals and the check of the books, which reads every document."""
    us = organisation()
    form = month_form(request.GET)
    month = form.chosen if "month" in request.GET else None
    context = {
        "us": us,
        "form": form,
        "month": month,
        "totals": [{"one": one, "kinds": [(kind, "") for kind in one.kinds]} for one in control_totals(month)]
        if month
        else [],
        "differences": differences() if month else [],
        "last_closed": f"{us.locked_through:%B %Y}" if us.locked_through else "",
        "reopen_form": ReopenForm(),
        "events": AuditEvent.objects.filter(verb__in=["month_closed", "month_reopened"]).order_by("-at", "-pk")[:12],
    }
    return render(request, "dashboard/settings/periods.html", context)


def month_form(data: Any) -> MonthForm:
    """The newest months are left out of a long backlog: closing goes through the oldest first."""
    today, first = localdate(), first_booked_on()
    months = months_to_close(organisation().locked_through, first, today) if first else []
    return MonthForm(data, months[:MONTHS_OFFERED])


@needs("configure")
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    form = month_form(request.POST)
    month = form.chosen
    if month is None:
        return refused(request, LedgerError("This month is not over, or closed already."), "dashboard:periods")
    try:
        close_month(month.last_on, actor=request.user, today=localdate())
    except LedgerError as error:
        return refused(request, error, "dashboard:periods")
    return done(request, f"{month.first_on:%B %Y} is closed; nothing is booked in it any more.", "dashboard:periods")


@needs("configure")
@require_POST
def reopen(request: HttpRequest) -> HttpResponse:
    """The last closed month, and only that one."""
    form, us = ReopenForm(request.POST), organisation()
    through = us.locked_through
    if not form.is_valid() or through is None:
        problem = "Say why the month is opened again." if through else "No month is closed."
        return refused(request, LedgerError(problem), "dashboard:periods")
    try:
        reopen_months(month_before(through).last_on, reason=form.cleaned_data["reason"], actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:periods")
    return done(request, f"{through:%B %Y} is open again.", "dashboard:periods")


urls = [
    path("periods/", page, name="periods"),
    path("periods/close/", close, name="period_close"),
    path("periods/reopen/", reopen, name="period_reopen"),
]
