"""Crediting an invoice: what is taken back, what will happen, and then, on the last button, it happens."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from collections_app.formats import money
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import Invoice, InvoiceStatus
from invoices.queries.credit_notes import creditable
from invoices.queries.documents import next_number
from invoices.rules.crediting import ByAmount, ByLine, ByPieces, CannotCredit, Credit, Whole, credit
from invoices.rules.money import ZERO
from invoices.services.credit_notes import issue_credit_note, taken_off
from invoices.services.documents import preview_credit_note

from ..access import invoice_for_staff
from ..files import pdf_answer
from ..forms.corrections import CreditForm
from ..said import done


class CreditPreview(NamedTuple):
    """The numbers before and after, or why it cannot be done."""

    number: str
    credit: Credit | None
    off: Decimal
    open_after: Decimal
    on_account: Decimal
    left_after: Decimal
    error: str = ""


@needs("work")
def credit_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """GET and `preview` show; `issue` writes the credit note."""
    invoice = invoice_for_staff(pk)
    if invoice.status != InvoiceStatus.ISSUED:
        return redirect("dashboard:invoice", pk)
    form = CreditForm(creditable(invoice), request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return shown(request, invoice, form)
    if request.htmx or "issue" not in request.POST:
        return shown(request, invoice, form, part=bool(request.htmx))
    if not form.is_valid():
        return shown(request, invoice, form, status=422)
    try:
        note = issue_credit_note(pk, what=form.what, reason=form.cleaned_data["reason"], actor=request.user)
    except LedgerError as error:
        form.add_error(None, str(error))
        return shown(request, invoice, form, status=422)
    text = f"Credit note {note} over {money(note.total_amount, note.currency)} issued."
    if note.unapplied_amount:
        text += f" {money(note.unapplied_amount, note.currency)} of it is on account."
    return done(request, text, "dashboard:credit_note", note.pk)


def shown(
    request: HttpRequest, invoice: Invoice, form: CreditForm, *, part: bool = False, status: int = 200
) -> HttpResponse:
    template = "dashboard/invoice/_credit.html" if part else "dashboard/invoice/credit.html"
    context = {"invoice": invoice, "client": invoice.client, "form": form, "preview": preview(invoice, form)}
    return render(request, template, {**context, "is_asked": status == 422}, status=status)


def preview(invoice: Invoice, form: CreditForm) -> CreditPreview:
    """By the rule that the service uses, on what is typed so far."""
    number = next_number("credit_note")
    what = form.what if form.is_valid() or form.is_bound else Whole()
    if what == ByAmount(ZERO) or (isinstance(what, ByLine | ByPieces) and not what[0]):
        # Nothing typed yet, or nothing that can be read, which the field itself says.
        return CreditPreview(number, None, ZERO, invoice.open_amount, ZERO, ZERO, "Type what is credited.")
    try:
        found = credit(form.left, what)
    except CannotCredit as error:
        return CreditPreview(number, None, ZERO, invoice.open_amount, ZERO, ZERO, str(error))
    off = taken_off(invoice, found.total)
    return CreditPreview(
        number, found, off, invoice.open_amount - off, found.total - off, form.left.total - found.total
    )


@needs("work")
@require_POST
def preview_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The credit note as it would be issued. Takes no number, writes nothing."""
    invoice = invoice_for_staff(pk)
    form = CreditForm(creditable(invoice), request.POST)
    if form.is_valid():
        try:
            return pdf_answer(preview_credit_note(invoice, form.what, form.cleaned_data["reason"]), "credit note")
        except CannotCredit as error:
            form.add_error(None, str(error))
    return shown(request, invoice, form, status=422)


urls = [
    path("invoices/<int:pk>/credit/", credit_invoice, name="invoice_credit"),
    path("invoices/<int:pk>/credit/pdf/", preview_pdf, name="invoice_credit_pdf"),
]
