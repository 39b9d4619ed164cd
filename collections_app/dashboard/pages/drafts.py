"""Writing a draft: the form, and its totals while it is being typed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import InvoiceStatus
from invoices.queries.organisation import organisation
from invoices.services.documents import preview_invoice
from invoices.services.drafts import discard_draft, duplicate_invoice, restore_draft
from invoices.services.issuing import change_draft, draft_invoice

from ..access import client_for_staff, invoice_for_staff
from ..draft_totals import preview_context
from ..files import pdf_answer
from ..forms.drafts import DraftForms
from ..forms.invoices import today_initial
from ..said import done, refused, with_undo


@needs("work")
def new(request: HttpRequest) -> HttpResponse:
    """A new draft; `?client=` fills the client in."""
    if request.method == "POST":
        forms = DraftForms(request.POST)
        if not forms.is_asking_for_rows and forms.is_valid():
            try:
                invoice = draft_invoice(
                    forms.head.client_chosen, forms.head.values, forms.new_lines, actor=request.user
                )
            except LedgerError as error:
                forms.head.add_error(None, str(error))
            else:
                text = "Draft saved. Nothing is owed until it is issued."
                return done(request, text, "dashboard:invoice", invoice.pk)
        return shown(request, forms, status=200 if forms.is_asking_for_rows else 422)
    client = client_for_staff(int(raw)) if (raw := request.GET.get("client", "")).isdecimal() else None
    return shown(request, DraftForms(initial=today_initial(client, localdate(), organisation().currency)))


@needs("work")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = invoice_for_staff(pk)
    if invoice.status != InvoiceStatus.DRAFT:
        return redirect("dashboard:invoice", pk)
    if request.method == "POST":
        forms = DraftForms(request.POST, invoice=invoice)
        if not forms.is_asking_for_rows and forms.is_valid():
            try:
                change_draft(pk, forms.head.values, forms.new_lines, actor=request.user)
            except LedgerError as error:
                forms.head.add_error(None, str(error))
            else:
                return done(request, "Draft changed.", "dashboard:invoice", pk)
        return shown(request, forms, status=200 if forms.is_asking_for_rows else 422)
    return shown(request, DraftForms(invoice=invoice))


def shown(request: HttpRequest, forms: DraftForms, *, status: int = 200) -> HttpResponse:
    context = {
        "form": forms.head,
        "lines": forms.lines,
        "adjustments": forms.adjustments,
        "invoice": forms.invoice,
        **preview_context(forms),
    }
    return render(request, "dashboard/invoice/form.html", context, status=status)


@needs("work")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The totals and the due date of what is typed so far. Writes nothing."""
    context = {**preview_context(DraftForms(request.POST)), "is_live": True}
    return render(request, "dashboard/invoice/_totals.html", context)


@needs("work")
@require_POST
def preview_pdf(request: HttpRequest) -> HttpResponse:
    """The PDF of what is typed, before it is saved. Writes nothing."""
    forms = DraftForms(request.POST)
    if forms.is_valid():
        try:
            content = preview_invoice(forms.head.client_chosen, forms.head.values, forms.new_lines)
        except LedgerError as error:
            forms.head.add_error(None, str(error))
        else:
            return pdf_answer(content, "draft")
    return shown(request, forms, status=422)


@needs("work")
@require_POST
def duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft with the same lines, dated today."""
    try:
        draft = duplicate_invoice(invoice_for_staff(pk).pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:invoice", pk)
    text = f"{draft} is a copy, dated today. Nothing is owed until it is issued."
    undo = reverse("dashboard:invoice_discard", args=[draft.pk])
    return done(request, with_undo(text, undo), "dashboard:invoice", draft.pk)


@needs("work")
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        draft = discard_draft(invoice_for_staff(pk).pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:invoice", pk)
    undo = reverse("dashboard:invoice_restore", args=[pk])
    return done(request, with_undo(f"{draft} discarded.", undo), "dashboard:invoice", pk)


@needs("work")
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        draft = restore_draft(invoice_for_staff(pk).pk, actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:invoice", pk)
    return done(request, f"{draft} is back.", "dashboard:invoice", pk)


urls = [
    path("invoices/new/", new, name="invoice_new"),
    path("invoices/preview/", preview, name="invoice_preview"),
    path("invoices/preview/pdf/", preview_pdf, name="invoice_preview_pdf"),
    path("invoices/<int:pk>/edit/", edit, name="invoice_edit"),
    path("invoices/<int:pk>/duplicate/", duplicate, name="invoice_duplicate"),
    path("invoices/<int:pk>/discard/", discard, name="invoice_discard"),
    path("invoices/<int:pk>/restore/", restore, name="invoice_restore"),
]
