"""Recurring invoices: the list, the page of one, and what it will do before it starts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import AuditEvent, RecurringFrequency, RecurringInvoice, RecurringStatus
from invoices.queries.recurring import (
    held_up,
    recurring_matching,
    schedule_of,
    state_word,
    why_held_up,
    with_state,
)
from invoices.rules.recurring import missed
from invoices.services.recurring import DAY, end_recurring, pause_recurring, start_recurring
from invoices.services.recurring_preview import next_total, upcoming_invoices
from invoices.services.recurring_prices import change_price, withdraw_price
from reminders.services.document_mails import mailable_contacts

from ..access import recurring_for_staff, recurring_line_for_staff
from ..forms.recurring import PriceForm, StartForm
from ..listing import Column, Filter, Link, ListPage
from ..said import done, refused

HISTORY_SHOWN = 100
PAGE = "dashboard:recurring"


def recurring_url(recurring: RecurringInvoice) -> str:
    return reverse(PAGE, args=[recurring.pk])


def client_url(recurring: RecurringInvoice) -> str:
    return reverse("dashboard:client", args=[recurring.client_id])


def all_recurring() -> QuerySet[RecurringInvoice]:
    return with_state(RecurringInvoice.objects.select_related("client").prefetch_related("lines"))


def how(recurring: RecurringInvoice) -> str:
    return "Issued and mailed" if recurring.is_automatic else "A draft waits"


def of_state(rows: QuerySet, value: str) -> QuerySet:
    return held_up(rows) if value == "held_up" else rows.filter(status=value)


class RecurringList(ListPage):
    title = "Recurring invoices"
    subtitle = "Written again and again, each period once."
    queryset = all_recurring
    order = "-pk"
    columns = [
        Column("name", "Name", link=recurring_url),
        Column("client__name", "Client", link=client_url),
        Column("frequency", "Every"),
        Column("next_on", "Next", "date"),
        Column(next_total, "Next amount", "money"),
        Column(how, "How"),
        Column(state_word, "Status", "badge"),
    ]
    filters = [
        Filter("status", "Status", of_state, [*RecurringStatus.choices, ("held_up", "Held up")]),
        Filter("frequency", "Every", "frequency", RecurringFrequency.choices),
        Filter("client", "Client code", "client__code", kind="text"),
    ]
    search = recurring_matching
    search_hint = "Name or client"
    links = [Link("New recurring invoice", "dashboard:recurring_new", key="n", permission="work")]
    empty_title = "Nothing recurs yet"
    empty_text = "Write rent, support or a licence once, and it is invoiced every period."


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "dashboard/recurring/page.html", page_context(recurring_for_staff(pk)))


def page_context(recurring: RecurringInvoice) -> dict[str, Any]:
    lines = list(recurring.lines.all())
    events = AuditEvent.objects.filter(
        client_id=recurring.client_id, subject_type="recurringinvoice", subject_id=recurring.pk
    )
    return {
        "recurring": recurring,
        "client": recurring.client,
        "state": state_word(recurring),
        "why": why_held_up(recurring),
        "lines": lines,
        "upcoming": upcoming_invoices(recurring, recurring.next_on),
        "issues": recurring.issues.select_related("invoice").order_by("-period_on")[:HISTORY_SHOWN],
        "events": events.select_related("actor").order_by("-at", "-pk")[:50],
        "price_form": PriceForm(lines, initial={"from_on": recurring.next_on}),
    }


@needs("issue")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """First what will happen, then, on POST, it starts."""
    recurring, today = recurring_for_staff(pk), localdate()
    form = StartForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            start_recurring(pk, today=today, skips_missed=form.skips_missed, actor=request.user)
        except LedgerError as error:
            return refused(request, error, PAGE, pk)
        return done(request, "Started. What is due today is written within ten minutes.", PAGE, pk)
    context = {
        "recurring": recurring,
        "client": recurring.client,
        "form": form,
        "missed": missed(schedule_of(recurring), recurring.next_on, today - DAY),
        "upcoming": upcoming_invoices(recurring, max(today, recurring.first_on)),
        "contact": next(iter(mailable_contacts(recurring.client_id)), None),
    }
    return render(request, "dashboard/recurring/start.html", context)


@needs("issue")
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        pause_recurring(recurring_for_staff(pk).pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, PAGE, pk)
    return done(request, "Paused. Nothing is invoiced until it is started again.", PAGE, pk)


@needs("issue")
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        end_recurring(recurring_for_staff(pk).pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, PAGE, pk)
    return done(request, "Ended. To go on after all, edit it: it then waits to be started.", PAGE, pk)


@needs("work")
@require_POST
def price(request: HttpRequest, pk: int) -> HttpResponse:
    """A line costs something else from a day on."""
    recurring = recurring_for_staff(pk)
    context = page_context(recurring)
    form = PriceForm(context["lines"], request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            change_price(pk, given["position"], given["unit_price"], from_on=given["from_on"], actor=request.user)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            return done(request, "The new price is planned; the dates below show it.", PAGE, pk)
    return render(request, "dashboard/recurring/page.html", {**context, "price_form": form}, status=422)


@needs("work")
@require_POST
def price_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a planned price."""
    line = recurring_line_for_staff(pk)
    try:
        withdraw_price(line.pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, PAGE, line.recurring_id)
    return done(request, "Withdrawn: the price before it goes on.", PAGE, line.recurring_id)


urls = [
    path("recurring/", RecurringList.as_view(), name="recurring_list"),
    path("recurring/<int:pk>/", page, name="recurring"),
    path("recurring/<int:pk>/start/", start, name="recurring_start"),
    path("recurring/<int:pk>/pause/", pause, name="recurring_pause"),
    path("recurring/<int:pk>/end/", end, name="recurring_end"),
    path("recurring/<int:pk>/price/", price, name="recurring_price"),
    path("recurring/lines/<int:pk>/withdraw/", price_back, name="recurring_price_back"),
]
