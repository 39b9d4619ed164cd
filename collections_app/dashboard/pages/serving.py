"""Which procedure serves whom: segment rules, one invoice pinned, and a level left out by hand."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from reminders.errors import DunningError
from reminders.models import InvoicePin, SegmentRule
from reminders.queries.procedures import segment_record
from reminders.rules.selection import described
from reminders.services import serving

from ..access import invoice_for_staff
from ..forms.serving import InvoicePinForm, SegmentForm, SkipForm
from ..said import done


@needs("view")
def segments(request: HttpRequest) -> HttpResponse:
    """The rules in their order, and the form for one more."""
    form = SegmentForm(request.POST or None)
    rules = SegmentRule.objects.select_related("procedure")
    context = {"rules": [(rule, described(segment_record(rule))) for rule in rules], "form": form}
    return render(request, "dashboard/procedures/segments.html", context)


@needs("configure")
@require_POST
def add_segment(request: HttpRequest) -> HttpResponse:
    form = SegmentForm(request.POST)
    if not form.is_valid():
        rules = SegmentRule.objects.select_related("procedure")
        context = {"rules": [(rule, described(segment_record(rule))) for rule in rules], "form": form}
        return render(request, "dashboard/procedures/segments.html", context, status=422)
    rule = serving.add_segment_rule(form.cleaned_data, actor=request.user)
    return done(request, f"Clients that fit rule {rule.position} are served by {rule.procedure}.", "dashboard:segments")


@needs("configure")
@require_POST
def remove_segment(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(SegmentRule, pk=pk)
    serving.remove_segment_rule(pk, actor=request.user)
    return done(request, "The rule is removed.", "dashboard:segments")


@needs("configure")
def pin_invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """Serve one invoice by a procedure of its own."""
    invoice = invoice_for_staff(pk)
    pin = InvoicePin.objects.filter(invoice=invoice).first()
    initial = {"procedure": pin.procedure_id, "reason": pin.reason} if pin else {}
    form = InvoicePinForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data["procedure"]
        try:
            serving.pin_invoice(pk, wanted, reason=form.cleaned_data["reason"], actor=request.user)
        except DunningError as error:
            form.add_error("reason", str(error))
        else:
            text = f"{invoice} follows {wanted}." if wanted else f"{invoice} follows the procedure of its client."
            return done(request, text, "dashboard:invoice", pk)
    title = f"Procedure of {invoice}"
    context = {"form": form, "client": invoice.client, "title": title, "submit": "Save"}
    return render(request, "dashboard/client/action.html", context, status=422 if form.is_bound else 200)


@needs("configure")
def skip_level(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the next level of one invoice out, with a written reason."""
    invoice = invoice_for_staff(pk)
    form = SkipForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            level = serving.skip_level(pk, reason=form.cleaned_data["reason"], actor=request.user)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            return done(request, f"{level.name} is left out for {invoice}.", "dashboard:invoice", pk)
    text = "The next level counts as reached today, and the client hears nothing of it. The levels after it go on."
    context = {"form": form, "client": invoice.client, "title": f"Leave out the next level of {invoice}"}
    context |= {"submit": "Leave it out", "text": text}
    return render(request, "dashboard/client/action.html", context, status=422 if form.is_bound else 200)


urls = [
    path("procedures/segments/", segments, name="segments"),
    path("procedures/segments/add/", add_segment, name="segment_add"),
    path("procedures/segments/<int:pk>/remove/", remove_segment, name="segment_remove"),
    path("invoices/<int:pk>/procedure/", pin_invoice, name="invoice_pin"),
    path("invoices/<int:pk>/skip-level/", skip_level, name="invoice_skip_level"),
]
