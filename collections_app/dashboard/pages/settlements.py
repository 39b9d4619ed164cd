"""Settlements: agreed on the client's page, decided by a second person, withdrawn."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.formats import day, money
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import Client, Settlement, SettlementStatus
from invoices.queries.settlements import (
    authority,
    left_to_pay,
    paid_towards,
    settlements_matching,
    waived_amounts,
)
from invoices.rules.money import ZERO
from invoices.rules.settlements import Asked, needs_manager, refusal, shares, waived_percent
from invoices.services.settlements import ask_settlement, decide_settlement, withdraw_settlement

from ..access import client_for_staff, settlement_for_staff
from ..deciding import Decision, approving, refusing
from ..forms.corrections import WhyForm
from ..forms.settlements import SettlementForm
from ..listing import Column, Filter, ListPage
from ..said import done, refused


def settlement_url(row: Settlement) -> str:
    return reverse("dashboard:settlement", args=[row.pk])


def client_url(row: Settlement) -> str:
    return reverse("dashboard:client", args=[row.client_id])


def asked_by(row: Settlement) -> str:
    return row.asked_by.full_name if row.asked_by else ""


def percent(row: Settlement) -> str:
    return f"{waived_percent(row.open_amount, row.amount)} %"


def all_settlements() -> QuerySet[Settlement]:
    return Settlement.objects.select_related("client", "asked_by")


class SettlementList(ListPage):
    title = "Settlements"
    queryset = all_settlements
    order = "-asked_on"
    columns = [
        Column("asked_on", "Asked", "date", sort=True, link=settlement_url),
        Column("client__name", "Client", link=client_url),
        Column("open_amount", "Open then", "money"),
        Column("amount", "Settled by", "money"),
        Column(percent, "Waived"),
        Column("expires_on", "Last day", "date"),
        Column("reason", "Reason", css="small why"),
        Column(asked_by, "Asked by", css="nowrap small"),
        Column("status", "Status", "badge"),
    ]
    filters = [Filter("status", "Status", "status", SettlementStatus.choices)]
    tabs = [("All", ""), ("Waiting for approval", "status=proposed"), ("On offer", "status=offered")]
    search = settlements_matching
    search_hint = "Client"
    empty_title = "No settlements"
    empty_text = "A smaller sum in full discharge is agreed on the client's page."


class Preview(NamedTuple):
    """What the form says so far, or why it cannot be offered."""

    asked: Asked | None
    rows: tuple[tuple[object, Decimal], ...] = ()
    percent: Decimal = ZERO
    needs_manager: bool = False
    error: str = ""


def preview(form: SettlementForm) -> Preview:
    """By the rules that the service uses."""
    asked = form.asked if form.is_bound else None
    if asked is None:
        return Preview(None)
    if why := refusal(asked, localdate()):
        return Preview(asked, error=why)
    rows = tuple(zip(form.cleaned_data["items"], shares(asked), strict=True))
    percentage = waived_percent(asked.open_amount, asked.amount)
    return Preview(asked, rows, percentage, needs_manager(asked, authority()))


@needs("work")
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """GET and `preview` show; `offer` makes it."""
    client = client_for_staff(pk)
    raw = [int(one) for one in request.GET.getlist("invoice") if one.isascii() and one.isdecimal() and len(one) < 19]
    form = SettlementForm(client, request.POST if request.method == "POST" else None, chosen=raw)
    if request.method != "POST" or request.htmx or "offer" not in request.POST:
        return shown(request, client, form, part=bool(request.htmx))
    if not form.is_valid():
        return shown(request, client, form, status=422)
    try:
        row = ask_settlement(client, form.values, actor=request.user)
    except LedgerError as error:
        form.add_error(None, str(error))
        return shown(request, client, form, status=422)
    return done(request, said(row), "dashboard:settlement", row.pk)


def shown(
    request: HttpRequest, client: Client, form: SettlementForm, *, part: bool = False, status: int = 200
) -> HttpResponse:
    template = "dashboard/settlement/_preview.html" if part else "dashboard/settlement/new.html"
    context = {"client": client, "form": form, "preview": preview(form), "authority": authority()}
    if part or (status == 200 and form.is_bound):
        form.errors.clear()  # nobody has said yet that he is done
    return render(request, template, context, status=status)


def said(row: Settlement) -> str:
    if row.status == SettlementStatus.PROPOSED:
        return "The settlement is above your authority: nothing is offered until a second person approves it."
    return (
        f"Offered: {money(row.amount, row.currency)} by {day(row.expires_on)} settles these items. "
        "The client is told by mail, and nothing else is sent about them until then."
    )


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return page_of(request, settlement_for_staff(pk), WhyForm())


def page_of(request: HttpRequest, row: Settlement, form: WhyForm, status: int = 200) -> HttpResponse:
    waived = waived_amounts(row)
    context = {
        "settlement": row,
        "client": row.client,
        "items": row.items.select_related("invoice").order_by("invoice__due_on", "invoice_id"),
        "paid": paid_towards(row),
        "left": left_to_pay(row),
        "waived": sum(waived.values(), ZERO),
        "percent": waived_percent(row.open_amount, row.amount),
        "is_own": row.asked_by == request.user,
        "withdraw_form": form,
    }
    return render(request, "dashboard/settlement/page.html", context, status=status)


@needs("work")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    row = settlement_for_staff(pk)
    form = WhyForm(request.POST)
    if not form.is_valid():
        return page_of(request, row, form, status=422)
    try:
        withdraw_settlement(pk, reason=form.cleaned_data["reason"], actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:settlement", pk)
    return done(request, "Withdrawn: all of it is owed again, and chased.", "dashboard:settlement", pk)


DECISION = Decision(settlement_for_staff, decide_settlement, said, "dashboard:settlement")

urls = [
    path("settlements/", SettlementList.as_view(), name="settlements"),
    path("settlements/<int:pk>/", page, name="settlement"),
    path("settlements/<int:pk>/approve/", approving(DECISION), name="settlement_approve"),
    path("settlements/<int:pk>/refuse/", refusing(DECISION), name="settlement_refuse"),
    path("settlements/<int:pk>/withdraw/", withdraw, name="settlement_withdraw"),
    path("clients/<int:pk>/settlement/", new, name="settlement_new"),
]
