"""What a client may say instead of paying: I will pay on ..., there is a problem, I have paid."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods

from invoices.errors import LedgerError
from invoices.models import Contact, Invoice
from invoices.rules.money import plain
from reminders.errors import DunningError
from reminders.queries.portal import open_items
from reminders.services.portal_answers import Problem, dispute_from_portal, promise_from_portal, say_paid

from .access import invoice_for, invoices_for
from .forms import PaidForm, ProblemForm, PromiseForm
from .session import client_page, page
from .uploads import takes_files

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@client_page
def promise(request: HttpRequest, contact: Contact) -> HttpResponse:
    def say(form: Form, invoices: list[Invoice]) -> str:
        asked = form.cleaned_data
        made = promise_from_portal(contact, invoices, promised_on=asked["promised_on"], amount=asked["amount"])
        amount = f"{plain(made.amount, made.currency)} {made.currency}"
        return f"Thank you. We expect {amount} by {_day(made.promised_on)} and send no reminders about it until then."

    return _ask(request, contact, PromiseForm, "promise", say)


@form_page
@client_page
def paid_already(request: HttpRequest, contact: Contact) -> HttpResponse:
    def say(form: Form, invoices: list[Invoice]) -> str:
        asked = form.cleaned_data
        until = say_paid(contact, invoices, paid_on=asked["paid_on"], reference=asked["reference"])
        return f"Thank you. We are looking for your payment and send no reminders about it until {_day(until)}."

    return _ask(request, contact, PaidForm, "paid_already", say)


@form_page
@takes_files
@client_page
def problem(request: HttpRequest, contact: Contact, invoice_id: int) -> HttpResponse:
    invoice = invoice_for(contact, invoice_id)
    form = ProblemForm(
        request.POST or None, request.FILES or None, initial={"amount": plain(invoice.open_amount, invoice.currency)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            dispute_from_portal(contact, invoice, Problem(**form.cleaned_data))
        except LedgerError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Thank you. We are looking into invoice {invoice} and will answer you.")
            return redirect("portal:told")
    context = {"form": form, "invoice": invoice}
    return page(request, contact, "problem", context, status=400 if form.errors else 200)


def _ask(
    request: HttpRequest,
    contact: Contact,
    form_class: type[Form],
    template: str,
    say: Callable[[Form, list[Invoice]], str],
) -> HttpResponse:
    """The form with the client's open items to tick; on success a thank-you on the overview."""
    sent = request.POST if request.method == "POST" else None
    ticked = invoices_for(contact, (request.POST if sent is not None else request.GET).getlist("invoice"))
    form = form_class(sent)
    if sent is not None and form.is_valid():
        try:
            messages.success(request, say(form, ticked))
        except (LedgerError, DunningError) as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("portal:overview")
    items = open_items(contact.client, localdate())
    context = {"form": form, "items": items, "ticked": [i.pk for i in ticked] or [i.invoice.pk for i in items[:1]]}
    return page(request, contact, template, context, status=400 if form.errors else 200)


def _day(value: object) -> str:
    return f"{value:%A} {value:%d}".replace(" 0", " ") + f" {value:%B %Y}"
