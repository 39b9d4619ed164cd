"""Late charges: drafts to approve or drop, the page of one with its computation, waiving."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.formats import day
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import AuditEvent, Charge, ChargeKind, ChargeStatus
from invoices.queries.charges import drafts_of_client
from invoices.services.charge_documents import issue_charge, issue_charges
from invoices.services.charges import drop_charge, waive_charge

from ..access import charge_for_staff
from ..forms.charges import WaiveForm
from ..listing import BulkAction, Column, Filter, Link, ListPage
from ..said import done, refused
from .rates import rate_warnings


def charge_url(charge: Charge) -> str:
    return reverse("dashboard:charge", args=[charge.pk])


def invoice_url(charge: Charge) -> str:
    return reverse("dashboard:invoice", args=[charge.invoice_id])


def client_url(charge: Charge) -> str:
    return reverse("dashboard:client", args=[charge.invoice.client_id])


def document(charge: Charge) -> str:
    return charge.document.number if charge.document else ""


def all_charges() -> QuerySet[Charge]:
    return Charge.objects.select_related("invoice__client", "document")


def issue_ticked(request: HttpRequest, rows: list[Charge]) -> str:
    found = issue_charges([row.pk for row in rows], actor=request.user)
    if not found.charges:
        raise LedgerError(" ".join(found.problems[:3]))
    on = f"{found.documents} document{'' if found.documents == 1 else 's'}"
    return " ".join([f"{counted(found.charges)} issued on {on}; due in 14 days.", *found.problems[:3]])


def drop_ticked(request: HttpRequest, rows: list[Charge]) -> str:
    """Each in its own transaction: one that is refused does not hold back the others."""
    problems = []
    for row in rows:
        try:
            drop_charge(row.pk, actor=request.user)
        except LedgerError as error:
            problems.append(str(error))
    if len(problems) == len(rows):
        raise LedgerError(" ".join(problems[:3]))
    text = f"{counted(len(rows) - len(problems))} dropped; these days are not charged again."
    return " ".join([text, *problems[:3]])


def counted(number: int) -> str:
    return f"{number} charge{'' if number == 1 else 's'}"


class ChargeList(ListPage):
    title = "Late charges"
    subtitle = "Interest and compensation, drafted by the month for clients with a late-charge rule."
    queryset = all_charges
    order = "-pk"
    columns = [
        Column("get_kind_display", "Charge", link=charge_url),
        Column("invoice__client__name", "Client", link=client_url),
        Column("invoice__number", "On invoice", link=invoice_url),
        Column("from_on", "From", "date"),
        Column("through_on", "Through", "date"),
        Column("amount", "Amount", "money", currency="invoice__currency"),
        Column("rule", "Rule", css="mono"),
        Column(document, "Document"),
        Column("status", "Status", "badge"),
    ]
    filters = [
        Filter("status", "Status", "status", ChargeStatus.choices, default="draft"),
        Filter("kind", "Kind", "kind", ChargeKind.choices),
        Filter("client", "Client code", "invoice__client__code", kind="text"),
    ]
    actions = [
        BulkAction("issue", "Issue", issue_ticked, "issue", "check", "primary", "i"),
        BulkAction("drop", "Drop", drop_ticked, "work", "x", confirm="Drop these drafts? These days are not charged."),
    ]
    links = [
        Link("Interest calculator", "dashboard:interest", "calculator", kind=""),
        Link("Reference rates", "dashboard:rates", "percent", kind=""),
    ]
    errors = (LedgerError,)
    search = ("invoice__number", "document__number", "invoice__client__name")
    search_hint = "Invoice, document or client"
    template_name = "dashboard/charges/list.html"
    empty_title = "No late charges"
    empty_text = "Give a client a late-charge rule; what lateness cost is drafted after the end of each month."

    def permitted(self, things: Any) -> list[Any]:
        is_about_drafts = self.request.GET.get("status", "draft") == "draft"
        return [] if things is self.actions and not is_about_drafts else super().permitted(things)

    def extra(self) -> dict[str, Any]:
        return {"rate_warnings": rate_warnings(localdate())}


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, charge_for_staff(pk), WaiveForm())


def shown(request: HttpRequest, charge: Charge, form: WaiveForm) -> HttpResponse:
    events = AuditEvent.objects.filter(
        client_id=charge.invoice.client_id, subject_type="charge", subject_id=charge.pk
    ).order_by("-pk")
    context = {
        "charge": charge,
        "invoice": charge.invoice,
        "client": charge.invoice.client,
        "found": charge.computation,
        "events": events.select_related("actor")[:50],
        "waive_form": form,
        "together": issued_together(charge),
    }
    return render(request, "dashboard/charges/page.html", context, status=422 if form.errors else 200)


def issued_together(charge: Charge) -> list[Charge]:
    """The client's other drafts that would go onto the same document of the month."""
    client = charge.invoice.client
    if charge.status != ChargeStatus.DRAFT or not client.is_late_charge_monthly:
        return []
    return [one for one in drafts_of_client(client.pk, charge.invoice.currency) if one.pk != charge.pk]


@needs("issue")
@require_POST
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    charge_for_staff(pk)
    try:
        charge = issue_charge(pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:charge", pk)
    text = f"Issued as {charge.document}, due {day(charge.document.due_on)}."
    return done(request, text, "dashboard:charge", pk)


@needs("work")
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    charge_for_staff(pk)
    try:
        drop_charge(pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:charge", pk)
    return done(request, "Dropped. Nothing is owed, and these days are not charged again.", "dashboard:charge", pk)


@needs("approve")
@require_POST
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    charge = charge_for_staff(pk)
    form = WaiveForm(request.POST)
    if not form.is_valid():
        return shown(request, charge, form)
    try:
        waive_charge(pk, reason=form.cleaned_data["reason"], actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:charge", pk)
    text = f"{charge.get_kind_display()} on {charge.invoice} is waived by a credit note on {charge.document}."
    return done(request, text, "dashboard:charge", pk)


urls = [
    path("charges/", ChargeList.as_view(), name="charges"),
    path("charges/<int:pk>/", page, name="charge"),
    path("charges/<int:pk>/issue/", issue, name="charge_issue"),
    path("charges/<int:pk>/drop/", drop, name="charge_drop"),
    path("charges/<int:pk>/waive/", waive, name="charge_waive"),
]
