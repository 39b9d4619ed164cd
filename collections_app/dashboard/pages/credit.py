"""The credit of a client: his rating and why, what he owes against his limit, the papers behind the limit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import ApplicationStatus, Client, CreditApplication, TradeReference
from invoices.queries.credit import applications_of, exposure_of
from invoices.services import credit
from reminders.queries.risk import rating_of

from ..access import client_for_staff
from ..credit_words import bar, rating_badge
from ..forms.credit import ApplicationForm, LimitForm, ReferenceAnswerForm, ReferenceForm, RefusalForm
from ..said import done, refused


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, client_for_staff(pk))


def shown(request: HttpRequest, client: Client, *, status: int = 200, **forms_given: forms.BaseForm) -> HttpResponse:
    """The page; a form that came back with errors takes the place of the fresh one."""
    rows = applications_of(client.pk)
    waiting = next((row for row in rows if row.status == ApplicationStatus.OPEN), None)
    rated, exposure = rating_of(client.pk, localdate()), exposure_of(client)
    asked = waiting.asked_amount if waiting else None
    context = {
        "client": client,
        "rated": rated,
        "badge": rating_badge(rated.rating),
        "exposure": exposure,
        "bar": bar(exposure.standing),
        "waiting": waiting,
        "in_force": next((row for row in rows if row.status == ApplicationStatus.GRANTED), None),
        "rows": rows,
        "reference_form": ReferenceForm(),
        "answer_form": ReferenceAnswerForm(),
        "grant_form": LimitForm(client, amount=asked),
        "refusal_form": RefusalForm(),
        **forms_given,
    }
    return render(request, "dashboard/client/credit.html", context, status=status)


@needs("work")
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    form = ApplicationForm(client, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            credit.apply_for_credit(pk, form.cleaned_data, actor=request.user)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            text = "Application opened. Add the suppliers to ask, then decide."
            return done(request, text, "dashboard:credit", pk)
    text = "Kept with the client: who asked, what was checked, who decided and when it is looked at again."
    return asked_for(request, client, form, "Credit application", text)


@needs("approve")
def set_limit(request: HttpRequest, pk: int) -> HttpResponse:
    """By hand, without an application."""
    client = client_for_staff(pk)
    form = LimitForm(client, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            credit.set_credit_limit(pk, form.grant, actor=request.user)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            return done(request, "The credit limit is set.", "dashboard:credit", pk)
    return asked_for(request, client, form, "Set the credit limit", "Who set it, why and until when is kept.")


def asked_for(request: HttpRequest, client: Client, form: forms.BaseForm, title: str, text: str) -> HttpResponse:
    context = {"client": client, "form": form, "title": title, "submit": title, "text": text}
    return render(request, "dashboard/client/action.html", context, status=422 if form.is_bound else 200)


@needs("work")
@require_POST
def add_reference(request: HttpRequest, pk: int) -> HttpResponse:
    row = application_for_staff(pk)
    form = ReferenceForm(request.POST)
    if not form.is_valid():
        return shown(request, client_for_staff(row.client_id), status=422, reference_form=form)
    try:
        credit.add_reference(pk, actor=request.user, **form.cleaned_data)
    except LedgerError as error:
        return refused(request, error, "dashboard:credit", row.client_id)
    return done(request, "Supplier added; write down what they say.", "dashboard:credit", row.client_id)


@needs("work")
@require_POST
def answer_reference(request: HttpRequest, pk: int) -> HttpResponse:
    reference = TradeReference.objects.select_related("application").filter(pk=pk).first()
    if reference is None:
        raise Http404("There is no such reference.")
    client_id = reference.application.client_id
    form = ReferenceAnswerForm(request.POST)
    if not form.is_valid():
        return refused(request, ValueError("Write down what they say first."), "dashboard:credit", client_id)
    try:
        credit.answer_reference(pk, answered_on=localdate(), actor=request.user, **form.cleaned_data)
    except LedgerError as error:
        return refused(request, error, "dashboard:credit", client_id)
    return done(request, f"The answer of {reference} is kept.", "dashboard:credit", client_id)


@needs("approve")
@require_POST
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    row = application_for_staff(pk)
    client = client_for_staff(row.client_id)
    form = LimitForm(client, request.POST)
    if form.is_valid():
        try:
            credit.grant_credit(pk, form.grant, actor=request.user)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            return done(request, "Granted: the client's credit limit is set.", "dashboard:credit", client.pk)
    return shown(request, client, status=422, grant_form=form)


@needs("approve")
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    row = application_for_staff(pk)
    form = RefusalForm(request.POST)
    if not form.is_valid():
        return shown(request, client_for_staff(row.client_id), status=422, refusal_form=form)
    try:
        credit.refuse_credit(pk, note=form.cleaned_data["reason"], actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:credit", row.client_id)
    return done(request, "Refused. The limit stays as it was.", "dashboard:credit", row.client_id)


def application_for_staff(pk: int) -> CreditApplication:
    row = CreditApplication.objects.filter(pk=pk).first()
    if row is None:
        raise Http404("There is no such credit application.")
    return row


def credit_context(client: Client) -> dict[str, Any]:
    """What the client page shows of it: eight queries, whatever the client's size."""
    rated, exposure = rating_of(client.pk, localdate()), exposure_of(client)
    return {
        "rated": rated,
        "rating_badge": rating_badge(rated.rating),
        "exposure": exposure,
        "credit_bar": bar(exposure.standing),
    }


urls = [
    path("clients/<int:pk>/credit/", page, name="credit"),
    path("clients/<int:pk>/credit/apply/", apply, name="credit_apply"),
    path("clients/<int:pk>/credit/limit/", set_limit, name="credit_limit"),
    path("credit/<int:pk>/reference/", add_reference, name="credit_reference"),
    path("credit/<int:pk>/grant/", grant, name="credit_grant"),
    path("credit/<int:pk>/refuse/", refuse, name="credit_refuse"),
    path("references/<int:pk>/answer/", answer_reference, name="reference_answer"),
]
