"""A later due date for one invoice: agreed, moved again, taken back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST

from collections_app.formats import day
from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.services.deferrals import take_back_deferral
from reminders.services.plans import defer_invoice

from ..access import invoice_for_staff
from ..forms.plans import DeferralForm
from ..said import done, refused


@needs("work")
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """What will happen stands above the form."""
    invoice = invoice_for_staff(pk)
    if not invoice.is_open:
        return redirect("dashboard:invoice", pk)
    form = DeferralForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = defer_invoice(pk, form.values, actor=request.user)
        except LedgerError as error:
            form.add_error(None, str(error))
        else:
            return done(request, f"{invoice} is due on {day(row.new_due_on)} now.", "dashboard:invoice", pk)
    context = {"invoice": invoice, "client": invoice.client, "form": form, "moves": invoice.deferrals.all()}
    return render(request, "dashboard/invoice/defer.html", context, status=422 if form.is_bound else 200)


@needs("work")
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    invoice = invoice_for_staff(pk)
    try:
        row = take_back_deferral(pk, reason="Taken back", actor=request.user)
    except LedgerError as error:
        return refused(request, error, "dashboard:invoice", pk)
    return done(request, f"{invoice} is due on {day(row.new_due_on)} again, as printed.", "dashboard:invoice", pk)


urls = [
    path("invoices/<int:pk>/defer/", new, name="invoice_defer"),
    path("invoices/<int:pk>/defer/take-back/", take_back, name="invoice_defer_back"),
]
