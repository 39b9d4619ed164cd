"""Reference rates by series: those shipped, those added by staff, and the half-years that have none."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate

from collections_app.permissions import needs, user_can
from invoices.errors import LedgerError
from invoices.queries.charges import rules_in_use
from invoices.rules.interest.records import Scheme
from invoices.rules.interest.reference import RateTable, ReferenceRate, next_half_year
from invoices.rules.interest.refusals import InterestRefused
from invoices.rules.interest.showing import rate_text
from invoices.services.rates import rate_table, rates_in_force, scheme_for, schemes, set_rate

from ..forms.charges import RateForm
from ..said import done

ROWS_SHOWN = 8


class RateRow(NamedTuple):
    valid_from: date
    rate: str
    source: str
    is_added: bool


class SeriesShown(NamedTuple):
    """`missing` are half-years without a rate: in them nothing is charged. `next_on` is the one to come."""

    series: str
    read_by: list[Scheme]
    rows: list[RateRow]
    older: list[RateRow]
    missing: list[date]
    next_on: date
    is_next_known: bool


def series_shown(today: date) -> list[SeriesShown]:
    table, shipped = rates_in_force(), rate_table()
    return [one_series(table, shipped, name, today) for name in table.series]


def one_series(table: RateTable, shipped: RateTable, name: str, today: date) -> SeriesShown:
    ours = set(shipped.rows(name))
    rows = [rate_row(row, row not in ours) for row in reversed(table.rows(name))]
    coming = next_half_year(today)
    read_by = [s for s in schemes() if s.series == name or (s.agreed and s.agreed.floor_series == name)]
    return SeriesShown(
        series=name,
        read_by=read_by,
        rows=rows[:ROWS_SHOWN],
        older=rows[ROWS_SHOWN:],
        missing=list(reversed(table.missing(name, today))),
        next_on=coming,
        is_next_known=bool(rows) and rows[0].valid_from >= coming,
    )


def rate_row(row: ReferenceRate, is_added: bool) -> RateRow:
    return RateRow(row.valid_from, rate_text(row.rate), row.source, is_added)


def rate_warnings(today: date) -> list[str]:
    """What keeps the clients' rules from charging now: a sentence for each series that lacks today's half-year."""
    table, found = rates_in_force(), {}
    for rule in rules_in_use():
        try:
            series = scheme_for(rule).series
            if series:
                table.rate_on(series, today)
        except InterestRefused as refused:
            found[str(refused)] = None
    return list(found)


@needs("view")
def page(request: HttpRequest) -> HttpResponse:
    """The rates; for managers with the form that adds or corrects one."""
    if request.method == "POST":
        return add(request)
    return shown(request, RateForm(initial={"series": request.GET.get("series"), "valid_from": request.GET.get("on")}))


@needs("configure")
def add(request: HttpRequest) -> HttpResponse:
    form = RateForm(request.POST)
    if form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        try:
            row = set_rate(
                given["series"],
                given["valid_from"],
                rate=given["rate"],
                source=given["source"],
                actor=request.user,
            )
        except LedgerError as error:
            form.add_error("rate", str(error))
        else:
            text = f"{row.series}: {rate_text(given['rate'])} % from {row.valid_from:%d %B %Y}. It counts from now on."
            return done(request, text, "dashboard:rates")
    return shown(request, form)


def shown(request: HttpRequest, form: RateForm) -> HttpResponse:
    context = {
        "series": series_shown(localdate()),
        "warnings": rate_warnings(localdate()),
        "form": form if user_can(request.user, "configure") else None,
    }
    return render(request, "dashboard/charges/rates.html", context, status=422 if form.errors else 200)


urls = [path("rates/", page, name="rates")]
