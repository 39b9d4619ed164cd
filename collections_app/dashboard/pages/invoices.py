"""The list of invoices, the page of one, issuing and voiding."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.text import slugify
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import AuditEvent, Invoice, InvoiceStatus
from invoices.queries import documents
from invoices.rules.ageing import BUCKETS, days_past_due
from invoices.services.documents import invoice_pdf
from invoices.services.issuing import issue_invoice, void_invoice
from reminders.models import NoticeLine
from reminders.queries.standing import ItemStanding, item_standings

from ..access import invoice_for_staff
from ..forms.fields import CURRENCY_CHOICES
from ..forms.invoices import VoidForm
from ..listing import Column, Filter, Link, ListPage
from ..said import done, refused


def invoice_url(invoice: Invoice) -> str:
    return reverse("dashboard:invoice", args=[invoice.pk])


def client_url(invoice: Invoice) -> str:
    return reverse("dashboard:client", args=[invoice.client_id])


def state(invoice: Invoice) -> str:
    """The word for how an invoice stands today."""
    if invoice.status != InvoiceStatus.ISSUED:
        return invoice.get_status_display()
    if not invoice.is_open:
        return "Paid"
    if invoice.due_on < localdate():
        return "Overdue"
    return "Part paid" if invoice.open_amount < invoice.total_amount else "Open"


def days(invoice: Invoice) -> int | None:
    return days_past_due(invoice.due_on, localdate()) if invoice.is_open else None


def of_status(rows: QuerySet, value: str) -> QuerySet:
    return documents.invoices_of_status(rows, value, localdate())


def of_bucket(rows: QuerySet, value: str) -> QuerySet:
    return documents.invoices_of_bucket(rows, value, localdate())


def bucket_choices() -> list[tuple[str, str]]:
    return [(name, "Not due" if name == "current" else f"{name} days") for name in BUCKETS]


class InvoiceList(ListPage):
    title = "Invoices"
    queryset = Invoice.objects.select_related("client").all
    order = "-issued_on"
    columns = [
        Column(str, "Invoice", link=invoice_url),
        Column("client__name", "Client", link=client_url),
        Column("issued_on", "Issued", "date", sort=True),
        Column("due_on", "Due", "date", sort=True),
        Column(days, "Age", "days"),
        Column("total_amount", "Total", "money"),
        Column("open_amount", "Open", "money"),
        Column("reference", "Reference"),
        Column(state, "Status", "badge"),
    ]
    filters = [
        Filter("status", "Status", of_status, list(documents.STATUSES.items())),
        Filter("bucket", "Age", of_bucket, bucket_choices),
        Filter("currency", "Currency", "currency", CURRENCY_CHOICES),
        Filter("client", "Client code", "client__code", kind="text"),
    ]
    search = documents.invoices_matching
    search_hint = "Number, reference or client"
    links = [Link("New invoice", "dashboard:invoice_new", key="n", permission="work")]
    empty_title = "No invoices yet"
    empty_text = "Write one, or import a file of invoices."


@needs("view")
def page(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "dashboard/invoice/page.html", invoice_context(invoice_for_staff(pk)))


def invoice_context(invoice: Invoice) -> dict[str, Any]:
    amounts = documents.line_amounts(invoice)
    standing = item_standings(invoice.client_id).get(invoice.pk, ItemStanding())
    notices = NoticeLine.objects.filter(invoice_id=invoice.pk, is_live=True).select_related("notice__level")
    events = AuditEvent.objects.filter(subject_type="invoice", subject_id=invoice.pk, client_id=invoice.client_id)
    return {
        "invoice": invoice,
        "client": invoice.client,
        "state": state(invoice),
        "days": days(invoice),
        "lines": invoice.lines.all(),
        "taxes": documents.tax_lines(amounts, invoice.currency),
        "entries": invoice.entries.select_related("receipt", "recorded_by").order_by("pk"),
        "notices": notices.order_by("position"),
        "events": events.select_related("actor").order_by("-at", "-pk")[:50],
        "standing": standing,
        "void_form": VoidForm(),
    }


@needs("issue")
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """First what will happen, then, on POST, it happens."""
    invoice = invoice_for_staff(pk)
    if invoice.status != InvoiceStatus.DRAFT:
        return redirect(invoice_url(invoice))
    if request.method == "POST":
        try:
            issued = issue_invoice(pk, actor=request.user)
        except LedgerError as error:
            return refused(request, error, "dashboard:invoice", pk)
        return done(
            request, f"Invoice {issued} issued. It is due on {issued.due_on:%A %d %B %Y}.", "dashboard:invoice", pk
        )
    contacts = invoice.client.contacts.filter(is_active=True).order_by("-is_primary", "pk")
    context = {
        "invoice": invoice,
        "client": invoice.client,
        "number": documents.next_number(),
        "contact": contacts.first(),
    }
    return render(request, "dashboard/invoice/issue.html", {**context, "today": localdate()})


@needs("issue")
@require_POST
def void(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = invoice_for_staff(pk)
    form = VoidForm(request.POST)
    if form.is_valid():
        try:
            voided = void_invoice(pk, reason=form.cleaned_data["reason"], actor=request.user)
        except LedgerError as error:
            return refused(request, error, "dashboard:invoice", pk)
        return done(request, f"Invoice {voided} is void; its number stays used.", "dashboard:invoice", pk)
    return render(request, "dashboard/invoice/page.html", {**invoice_context(invoice), "void_form": form}, status=422)


@needs("view")
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The invoice as its client gets it."""
    invoice = invoice_for_staff(pk)
    answer = HttpResponse(invoice_pdf(invoice), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{slugify(str(invoice))}.pdf"'
    return answer


urls = [
    path("invoices/", InvoiceList.as_view(), name="invoices"),
    path("invoices/<int:pk>/", page, name="invoice"),
    path("invoices/<int:pk>/pdf/", pdf, name="invoice_pdf"),
    path("invoices/<int:pk>/issue/", issue, name="invoice_issue"),
    path("invoices/<int:pk>/void/", void, name="invoice_void"),
]
