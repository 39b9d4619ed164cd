"""Writing a draft: the form, and its totals while it is being typed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import Client, Invoice, InvoiceStatus
from invoices.queries.documents import line_amounts
from invoices.queries.organisation import organisation
from invoices.rules.invoicing import line_net, tax_lines, totals
from invoices.services.issuing import change_draft, draft_invoice, due_on_by, terms_of

from ..access import client_for_staff, invoice_for_staff
from ..forms.invoices import InvoiceForm, Lines, today_initial
from ..said import done


@needs("work")
def new(request: HttpRequest) -> HttpResponse:
    """A new draft; `?client=` fills the client in."""
    if request.method == "POST":
        form, lines = InvoiceForm(request.POST), Lines(request.POST)
        if "more" not in request.POST and are_valid(form, lines):
            try:
                invoice = draft_invoice(form.client_chosen, form.values, lines.values, actor=request.user)
            except LedgerError as error:
                form.add_error(None, str(error))
            else:
                return done(
                    request, "Draft saved. Nothing is owed until it is issued.", "dashboard:invoice", invoice.pk
                )
        return shown(request, form, lines, status=200 if "more" in request.POST else 422)
    client = client_for_staff(int(raw)) if (raw := request.GET.get("client", "")).isdecimal() else None
    form = InvoiceForm(initial=today_initial(client, localdate(), organisation().currency))
    return shown(request, form, Lines())


@needs("work")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = invoice_for_staff(pk)
    if invoice.status != InvoiceStatus.DRAFT:
        return redirect("dashboard:invoice", pk)
    if request.method == "POST":
        form, lines = InvoiceForm(request.POST), Lines(request.POST)
        if "more" not in request.POST and are_valid(form, lines):
            try:
                change_draft(pk, form.values, lines.values, actor=request.user)
            except LedgerError as error:
                form.add_error(None, str(error))
            else:
                return done(request, "Draft changed.", "dashboard:invoice", pk)
        return shown(request, form, lines, invoice=invoice, status=200 if "more" in request.POST else 422)
    return shown(request, InvoiceForm(initial=InvoiceForm.initial_of(invoice)), Lines(invoice=invoice), invoice=invoice)


def are_valid(form: InvoiceForm, lines: Lines) -> bool:
    return all([form.is_valid(), lines.is_valid()])  # both are judged, so that all errors show at once


def shown(
    request: HttpRequest, form: InvoiceForm, lines: Lines, *, invoice: Invoice | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "lines": lines, "invoice": invoice, **preview_context(form, lines, invoice)}
    return render(request, "dashboard/invoice/form.html", context, status=status)


@needs("work")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The totals and the due date of what is typed so far. Writes nothing."""
    form, lines = InvoiceForm(request.POST), Lines(request.POST)
    return render(request, "dashboard/invoice/_totals.html", {**preview_context(form, lines), "is_live": True})


def cleaned(form: InvoiceForm) -> dict[str, Any]:
    """What is known of the head: as typed, or as the form starts."""
    if form.is_bound:
        form.is_valid()
        return form.cleaned_data
    client = Client.objects.filter(code=form.initial.get("client", "")).select_related("terms").first()
    return {**form.initial, "client": client}


def preview_context(form: InvoiceForm, lines: Lines, invoice: Invoice | None = None) -> dict[str, Any]:
    """What can be said already: only whole rows and known terms count."""
    given = cleaned(form)
    currency = given.get("currency") or "GBP"
    right = {line.prefix: line.value.amounts for line in lines.used if line.is_valid()}
    if invoice and not form.is_bound:
        right = {f"line-{n}": amounts for n, amounts in enumerate(line_amounts(invoice))}
    client: Client | None = given.get("client")
    terms = terms_of(client, given.get("terms")) if client else given.get("terms")
    issued_on = given.get("issued_on")
    return {
        "currency": currency,
        "rows": [(prefix, line_net(amounts, currency)) for prefix, amounts in right.items()],
        "taxes": tax_lines(list(right.values()), currency),
        "totals": totals(right.values(), currency),
        "terms": terms,
        "preview_due_on": given.get("due_on") or (due_on_by(terms, issued_on) if issued_on else None),
    }


urls = [
    path("invoices/new/", new, name="invoice_new"),
    path("invoices/preview/", preview, name="invoice_preview"),
    path("invoices/<int:pk>/edit/", edit, name="invoice_edit"),
]
