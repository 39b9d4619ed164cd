"""Payment terms: the list, the form, and what invoices would say under them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.models import PaymentTerms
from invoices.queries.organisation import organisation
from invoices.queries.schedules import terms_record
from invoices.rules.calendar import Convention
from invoices.rules.instalments import refusal
from invoices.rules.terms import Terms
from invoices.services.terms import change_terms, create_terms

from ..access import terms_for_staff
from ..due_example import due_example
from ..forms.terms import Parts, TermsForm, TryForm, TrySavedForm
from ..listing import Column, Link, ListPage
from ..said import done
from ..trying import other_days, tried


def terms_url(terms: PaymentTerms) -> str:
    return reverse("dashboard:terms_edit", args=[terms.pk])


def all_terms() -> Any:
    return PaymentTerms.objects.prefetch_related("parts")


def counted(terms: PaymentTerms) -> str:
    count = len(terms.parts.all())
    return f"In {count} parts" if count else terms.get_form_display()


def days(terms: PaymentTerms) -> int | None:
    return None if terms.parts.all() else terms.days


def convention(terms: PaymentTerms) -> str:
    return "" if terms.convention == Convention.NONE else terms.get_convention_display()


def discount(terms: PaymentTerms) -> str:
    if terms.discount_percent is None:
        return ""
    grace = f", {terms.discount_grace_days} of grace" if terms.discount_grace_days else ""
    shares = ", pro rata" if terms.is_discount_pro_rata else ""
    return f"{terms.discount_percent.normalize():f} % within {terms.discount_days} days{grace}{shares}"


class TermsList(ListPage):
    title = "Payment terms"
    subtitle = "When an invoice is to be paid. Changing them leaves printed due dates alone."
    queryset = all_terms
    order = "name"
    columns = [
        Column("name", "Name", sort=True, link=terms_url),
        Column("code", "Code", sort=True, css="mono"),
        Column(counted, "Counted as"),
        Column(days, "Days", "number"),
        Column(convention, "On a weekend or holiday"),
        Column(discount, "Settlement discount"),
        Column(lambda terms: "Default" if terms.is_default else "", "Default", "badge"),
    ]
    links = [
        Link("Try terms", "dashboard:terms_try", key="t", permission="view"),
        Link("New terms", "dashboard:terms_new", key="n", permission="configure"),
    ]
    empty_title = "No payment terms yet"
    empty_text = "Without terms an invoice is due on the day it is issued."


@needs("configure")
def new(request: HttpRequest) -> HttpResponse:
    form, parts = TermsForm(request.POST or None), Parts(request.POST or None)
    if is_to_be_saved(request) and are_valid(form, parts):
        terms = create_terms(form.values, parts=parts.values, actor=request.user)
        return done(request, f"Payment terms “{terms}” added.", "dashboard:terms")
    return shown(request, form, parts)


@needs("configure")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    terms = terms_for_staff(pk)
    form, parts = TermsForm(request.POST or None, instance=terms), Parts(request.POST or None, terms)
    if is_to_be_saved(request) and are_valid(form, parts):
        changed = change_terms(pk, form.values, parts=parts.values, actor=request.user)
        text = f"Changed: {', '.join(changed)}." if changed else "Nothing was different, so nothing changed."
        return done(request, text, "dashboard:terms")
    return shown(request, form, parts, terms=terms_for_staff(pk))


def is_to_be_saved(request: HttpRequest) -> bool:
    """Without script, "More parts" and "Try" bring the same page back."""
    return request.method == "POST" and not {"more", "try"} & request.POST.keys()


def are_valid(form: TermsForm, parts: Parts) -> bool:
    both = [form.is_valid(), parts.is_valid()]  # both are judged, so that all errors show at once
    if all(both) and parts.used and form.cleaned_data.get("discount_percent"):
        form.add_error("discount_percent", "Terms in parts offer no settlement discount: leave out one or the other.")
        return False
    return all(both)


def shown(request: HttpRequest, form: TermsForm, parts: Parts, terms: PaymentTerms | None = None) -> HttpResponse:
    trying = TryForm(request.POST or None)
    record = typed(form, parts) if form.is_bound else terms and terms_record(terms)
    context = {"form": form, "parts": parts, "terms": terms, "trying": trying, **trials(record, trying)}
    is_wrong = is_to_be_saved(request) and bool(form.errors or parts.error or [f for f in parts.used if f.errors])
    return render(request, "dashboard/settings/terms.html", context, status=422 if is_wrong else 200)


@needs("view")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What invoices of some dates would say under the terms being typed. Writes nothing."""
    trying = TryForm(request.POST)
    return render(
        request,
        "dashboard/settings/_trials.html",
        trials(typed(TermsForm(request.POST), Parts(request.POST)), trying),
    )


@needs("view")
def try_terms(request: HttpRequest) -> HttpResponse:
    """Any terms on any invoice: a date, an amount, a country. Writes nothing."""
    form = TrySavedForm(request.GET or None)
    record = terms_record(form.cleaned_data["terms"]) if form.is_bound and form.is_valid() else None
    context = {"form": form, **(trials(record, form) if form.is_bound else {})}
    is_part = request.headers.get("HX-Target") == "trials"
    return render(request, "dashboard/settings/" + ("_trials.html" if is_part else "try_terms.html"), context)


@needs("view")
def example(request: HttpRequest) -> HttpResponse:
    """When an invoice of today would be due, for the client form while terms and country are being chosen."""
    given = (request.GET.get(name, "") for name in ("terms", "country", "region"))
    return render(request, "dashboard/client/_due_example.html", due_example(*given))


def typed(form: TermsForm, parts: Parts) -> Terms | None:
    """The terms being typed; None while they are not whole."""
    form.is_valid()
    if [part for part in parts.used if not part.is_valid()] or (parts.used and refusal(parts.values)):
        return None
    return form.record(parts.values)


def trials(terms: Terms | None, trying: TryForm) -> dict[str, Any]:
    """`trial` of the invoice to be tried, and `others` of a few more dates."""
    if trying.is_bound:
        trying.is_valid()
    if terms is None:
        return {"trial": None, "others": []}
    today = localdate()
    invoice = trying.amount(), trying.currency(organisation().currency)
    first = tried(terms, trying.day(today), *invoice, place=trying.place)
    return {"trial": first, "others": [tried(terms, day, *invoice, place=trying.place) for day in other_days(today)]}


urls = [
    path("terms/", TermsList.as_view(), name="terms"),
    path("terms/new/", new, name="terms_new"),
    path("terms/preview/", preview, name="terms_preview"),
    path("terms/try/", try_terms, name="terms_try"),
    path("terms/example/", example, name="terms_example"),
    path("terms/<int:pk>/", edit, name="terms_edit"),
]
