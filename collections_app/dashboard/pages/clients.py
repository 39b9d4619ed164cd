"""The list of clients, and the forms for a new and a changed one."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate

from collections_app.models import User
from collections_app.permissions import needs
from invoices.models import Client, DebtorType
from invoices.queries.clients import client_ids_matching, client_options, clients_with_figures, with_overdue
from invoices.queries.credit import over_limit
from invoices.rules.ageing import days_past_due
from invoices.services.clients import CodeTaken, change_client, create_client

from ..access import client_for_staff
from ..due_example import due_example
from ..forms.clients import ZONES, ClientForm, FirstContactForm
from ..forms.fields import CURRENCY_CHOICES
from ..listing import Column, Filter, Link, ListPage
from ..said import done


def client_url(client: Client) -> str:
    return reverse("dashboard:client", args=[client.pk])


def staff_choices() -> list[tuple[Any, str]]:
    return [("none", "Nobody"), *((user.pk, user.full_name) for user in User.objects.filter(is_active=True))]


def of_owner(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(account_manager=None if value == "none" else value)


def overdue_only(rows: QuerySet, value: str) -> QuerySet:
    return with_overdue(rows, localdate())


CREDIT_CHOICES = [
    ("over", "Over the limit"),
    ("hold", "On credit hold"),
    ("limited", "With a limit"),
    ("unlimited", "Without a limit"),
]


def by_credit(rows: QuerySet, value: str) -> QuerySet:
    if value == "over":
        return over_limit(rows)
    if value == "hold":
        return rows.filter(is_credit_hold=True)
    return rows.filter(credit_limit__isnull=value == "unlimited")


def in_two_steps(text: str) -> Q:
    return Q(pk__in=client_ids_matching(text))


def oldest_days(client: Any) -> int | None:
    return days_past_due(client.oldest_due_on, localdate()) if client.oldest_due_on else None


def owner(client: Client) -> str:
    return client.account_manager.full_name if client.account_manager else ""


class ClientList(ListPage):
    title = "Clients"
    order = "name"
    # Figures are summed for the rows of a page only; sorting by them took 7 s at 50,000 clients. Ageing ranks them.
    columns = [
        Column("name", "Client", sort=True, link=client_url),
        Column("code", "Code", sort=True, css="mono"),
        Column("country", "Country"),
        Column("overdue_amount", "Overdue", "money"),
        Column("owed_amount", "Open", "money"),
        Column(lambda client: "other currencies" if client.has_other_currency else "", "Also in"),
        Column(oldest_days, "Oldest", "days"),
        Column("review_on", "Review", "date", sort=True),
        Column(owner, "Owner"),
    ]
    filters = [
        Filter("overdue", "Overdue", overdue_only, [("yes", "With overdue items")]),
        Filter("credit", "Credit", by_credit, CREDIT_CHOICES),
        Filter("type", "Debtor type", "debtor_type", DebtorType.choices),
        Filter("currency", "Currency", "currency", CURRENCY_CHOICES),
        Filter("owner", "Owner", of_owner, staff_choices),
    ]
    search = in_two_steps
    search_hint = "Name, code or e-mail"
    links = [Link("New client", "dashboard:client_new", key="n", permission="work")]
    empty_title = "No clients yet"
    empty_text = "Add one, or import a file of clients."

    def rows(self) -> QuerySet:
        return clients_with_figures(localdate())

    def row_css(self, row: Client) -> str:
        return "" if row.is_active else "is-quiet"


@needs("work")
def new(request: HttpRequest) -> HttpResponse:
    """A new client with his first contact."""
    form = ClientForm(request.POST or None, initial={"currency": "GBP"})
    contact = FirstContactForm(request.POST or None, prefix="contact")
    if request.method == "POST" and form.is_valid() and (contact.is_blank or contact.is_valid()):
        try:
            person = None if contact.is_blank else contact.values
            client = create_client(form.values, actor=request.user, contact=person)
        except CodeTaken as error:
            form.add_error("code", str(error))
        else:
            return done(request, f"Client {client} created.", "dashboard:client", client.pk)
    context = {"form": form, "contact": contact, "zones": ZONES, **example_of(form)}
    return render(request, "dashboard/client/form.html", context, status=422 if request.method == "POST" else 200)


@needs("work")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    form = ClientForm(request.POST or None, instance=client)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_client(pk, form.values, actor=request.user)
        except CodeTaken as error:
            form.add_error("code", str(error))
        else:
            text = f"Changed: {', '.join(changed)}." if changed else "Nothing was different, so nothing changed."
            return done(request, text, "dashboard:client", pk)
    context = {"form": form, "client": client_for_staff(pk), "zones": ZONES, **example_of(form)}
    return render(request, "dashboard/client/form.html", context, status=422 if request.method == "POST" else 200)


def example_of(form: ClientForm) -> dict[str, Any]:
    names = [name for name in ("terms", "country", "region") if name in form.fields]
    return due_example(*(form[name].value() for name in names))


@needs("view")
def options(request: HttpRequest) -> HttpResponse:
    """Suggestions for a client field, as options of its datalist."""
    text = request.GET.get("client", "").replace("\0", "").strip()[:100]
    return render(request, "dashboard/client/_options.html", {"clients": client_options(text) if text else []})


urls = [
    path("clients/", ClientList.as_view(), name="clients"),
    path("clients/new/", new, name="client_new"),
    path("clients/options/", options, name="client_options"),
    path("clients/<int:pk>/edit/", edit, name="client_edit"),
]
