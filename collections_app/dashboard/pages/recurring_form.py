"""Writing and editing a recurring invoice. It is saved first, and started on its page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate

from collections_app.permissions import needs
from invoices.errors import LedgerError
from invoices.models import RecurringInvoice
from invoices.queries.organisation import organisation
from invoices.services.recurring import change_recurring, create_recurring

from ..access import client_for_staff, invoice_for_staff, recurring_for_staff
from ..forms.invoices import Lines
from ..forms.recurring import RecurringForm, fresh_initial, initial_from, initial_of
from ..said import done


@needs("work")
def new(request: HttpRequest) -> HttpResponse:
    """`?client=` fills the client in, `?invoice=` all that an invoice says."""
    if request.method == "POST":
        form, lines = RecurringForm(request.POST), Lines(request.POST)
        if "more" not in request.POST and all([form.is_valid(), lines.is_valid()]):  # both show their errors
            try:
                made = create_recurring(form.cleaned_data["client"], form.values, lines.values, actor=request.user)
            except LedgerError as error:
                form.add_error(None, str(error))
            else:
                said = "Saved, not started. Look at the dates and amounts, then start it."
                return done(request, said, "dashboard:recurring", made.pk)
        return shown(request, form, lines, status=200 if "more" in request.POST else 422)
    if (raw := request.GET.get("invoice", "")).isdecimal():
        invoice = invoice_for_staff(int(raw))
        return shown(request, RecurringForm(initial=initial_from(invoice)), Lines(invoice=invoice))
    client = client_for_staff(int(raw)) if (raw := request.GET.get("client", "")).isdecimal() else None
    initial = fresh_initial(client, localdate(), organisation().currency)
    return shown(request, RecurringForm(initial=initial), Lines())


@needs("work")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Lines are left out while a price changes on a planned date: the page shows and withdraws those."""
    recurring = recurring_for_staff(pk)
    has_planned = any(line.valid_from or line.valid_until for line in recurring.lines.all())
    if request.method == "POST":
        form = RecurringForm(request.POST, recurring=recurring)
        lines = None if has_planned else Lines(request.POST)
        is_right = "more" not in request.POST and form.is_valid()
        if (lines is None or lines.is_valid()) and is_right:
            try:
                change_recurring(pk, form.values, lines and lines.values, actor=request.user)
            except LedgerError as error:
                form.add_error(None, str(error))
            else:
                return done(request, "Changed. The dates below show what comes next.", "dashboard:recurring", pk)
        return shown(request, form, lines, recurring=recurring, status=200 if "more" in request.POST else 422)
    form = RecurringForm(initial=initial_of(recurring), recurring=recurring)
    return shown(request, form, None if has_planned else Lines(invoice=recurring), recurring=recurring)


def shown(
    request: HttpRequest,
    form: RecurringForm,
    lines: Lines | None,
    *,
    recurring: RecurringInvoice | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "lines": lines, "recurring": recurring}
    return render(request, "dashboard/recurring/form.html", context, status=status)


urls = [
    path("recurring/new/", new, name="recurring_new"),
    path("recurring/<int:pk>/edit/", edit, name="recurring_edit"),
]
