"""Payment terms: the list, the form, and what invoices of some dates would say under them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.dateparse import parse_date
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.models import PaymentTerms
from invoices.rules.terms import Terms, discount_date, due_date, end_of_month
from invoices.rules.terms import TermsForm as Form
from invoices.services.terms import change_terms, create_terms

from ..access import terms_for_staff
from ..forms.setup import TermsForm
from ..listing import Column, Link, ListPage
from ..said import done


def terms_url(terms: PaymentTerms) -> str:
    return reverse("dashboard:terms_edit", args=[terms.pk])


def discount(terms: PaymentTerms) -> str:
    if terms.discount_percent is None:
        return ""
    return f"{terms.discount_percent.normalize():f} % within {terms.discount_days} days"


class TermsList(ListPage):
    title = "Payment terms"
    subtitle = "When an invoice is to be paid. Changing them leaves printed due dates alone."
    queryset = PaymentTerms.objects.all
    order = "name"
    columns = [
        Column("name", "Name", sort=True, link=terms_url),
        Column("code", "Code", sort=True, css="mono"),
        Column("form", "Counted as"),
        Column("days", "Days", "number"),
        Column(discount, "Settlement discount"),
        Column(lambda terms: "Default" if terms.is_default else "", "Default", "badge"),
    ]
    links = [Link("New terms", "dashboard:terms_new", key="n", permission="configure")]
    empty_title = "No payment terms yet"
    empty_text = "Without terms an invoice is due on the day it is issued."


@needs("configure")
def new(request: HttpRequest) -> HttpResponse:
    form = TermsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        terms = create_terms(form.values, actor=request.user)
        return done(request, f"Payment terms “{terms}” added.", "dashboard:terms")
    return shown(request, form)


@needs("configure")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    form = TermsForm(request.POST or None, instance=terms_for_staff(pk))
    if request.method == "POST" and form.is_valid():
        changed = change_terms(pk, form.values, actor=request.user)
        text = f"Changed: {', '.join(changed)}." if changed else "Nothing was different, so nothing changed."
        return done(request, text, "dashboard:terms")
    return shown(request, form, terms=terms_for_staff(pk))


def shown(request: HttpRequest, form: TermsForm, terms: PaymentTerms | None = None) -> HttpResponse:
    given = form.cleaned_data if form.is_bound and form.is_valid() else {**form.initial, "form": form["form"].value()}
    context = {"form": form, "terms": terms, "examples": examples(given, None)}
    return render(request, "dashboard/settings/terms.html", context, status=422 if form.errors else 200)


@needs("view")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What invoices of some dates would say under the terms being typed. Writes nothing."""
    form = TermsForm(request.POST)
    form.is_valid()
    try:
        tried = parse_date(request.POST.get("tried_on", ""))
    except ValueError:
        tried = None
    given = {name: form.cleaned_data.get(name) for name in ("form", "days", "day_of_month", "discount_days")}
    return render(request, "dashboard/settings/_examples.html", {"examples": examples(given, tried), "tried_on": tried})


def examples(given: dict[str, Any], tried_on: date | None) -> list[tuple[date, date, date | None]]:
    """(issued, due, last day of the discount) of a few dates; empty while the terms are not whole."""
    days = given.get("days")
    if given.get("form") not in {form.value for form in Form} or days is None or not 0 <= int(days) <= 3650:
        return []
    terms = Terms(Form(given["form"]), int(days), given.get("day_of_month"), given.get("discount_days"))
    today = localdate()
    dates = [
        tried_on or today,
        today.replace(day=1),
        today.replace(day=15),
        end_of_month(today),
        date(today.year + 1, 1, 31),
    ]
    return [(day, due_date(terms, day), discount_date(terms, day)) for day in dates if day.year < 3000]


urls = [
    path("terms/", TermsList.as_view(), name="terms"),
    path("terms/new/", new, name="terms_new"),
    path("terms/preview/", preview, name="terms_preview"),
    path("terms/<int:pk>/", edit, name="terms_edit"),
]
