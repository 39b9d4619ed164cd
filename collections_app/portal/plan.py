"""Paying in parts: choose, see the schedule, agree. Outside of the rules the same page asks us instead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods

from invoices.errors import LedgerError
from invoices.models import Contact
from invoices.queries.plan_terms import NewPlan, Terms
from invoices.queries.plans import plan_limits
from invoices.rules.instalments import Frequency
from invoices.rules.money import plain
from invoices.rules.plan_terms import FIRST_WITHIN_DAYS, Wanted
from reminders.errors import DunningError
from reminders.queries.portal import PortalItem
from reminders.queries.portal_plan import client_terms, plannable
from reminders.services.portal_plans import ask_for_plan, plan_from_portal

from .access import invoices_for
from .forms import date_input
from .session import client_page, page

MOST_PARTS = 24


class PlanForm(forms.Form):
    parts = forms.IntegerField(label="In how many parts?", min_value=2, max_value=MOST_PARTS, initial=3)
    frequency = forms.ChoiceField(label="How often?", choices=[(f.value, f.label) for f in Frequency])
    first_on = forms.DateField(label="First part on")
    text = forms.CharField(
        label="Anything we should know", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = localdate()
        last = today + timedelta(days=FIRST_WITHIN_DAYS)
        self.fields["first_on"].widget = date_input(min=today.isoformat())
        self.fields["first_on"].help_text = f"At the latest {last.day} {last:%B %Y}, if it is to hold at once."
        self.initial.setdefault("frequency", Frequency.MONTHLY.value)
        self.initial.setdefault("first_on", today + timedelta(days=7))

    def values(self, invoice_ids: tuple[int, ...]) -> NewPlan:
        given = self.cleaned_data
        wanted = Wanted(given["first_on"], Frequency(given["frequency"]), parts=given["parts"])
        return NewPlan(invoice_ids, wanted)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def pay_in_parts(request: HttpRequest, contact: Contact) -> HttpResponse:
    """`step`: show the schedule, agree to it, or ask for it where it is outside of the rules."""
    sent = request.POST if request.method == "POST" else None
    asked = request.POST if sent is not None else request.GET
    ticked = tuple(invoice.pk for invoice in invoices_for(contact, asked.getlist("invoice")))
    form, items = PlanForm(sent), plannable(contact.client, localdate())
    if sent is None or not form.is_valid():
        return _page(request, contact, form, items, ticked, None)
    new = form.values(ticked)
    try:
        if sent.get("step") != "show":
            _require_as_shown(sent.get("total", ""), client_terms(contact.client, new, localdate()))
        if sent.get("step") == "agree":
            plan = plan_from_portal(contact, new)
            text = f"Your plan holds: {plan.instalments.count()} parts. We send no reminders while they come in time."
            return _done(request, text)
        if sent.get("step") == "ask":
            ask_for_plan(contact, new, form.cleaned_data["text"])
            return _done(request, "Thank you. A person looks at your plan and answers you by mail.")
        terms = client_terms(contact.client, new, localdate())
    except (LedgerError, DunningError) as refusal:
        form.add_error(None, str(refusal).replace(f" of {contact.client}", ""))
        return _page(request, contact, form, items, ticked, None)
    return _page(request, contact, form, items, ticked, terms)


def _require_as_shown(shown: str, terms: Terms) -> None:
    """A page that stood open while money came in shows another sum than would be agreed now."""
    now = plain(terms.total, terms.currency)
    if shown and shown != now:
        raise LedgerError(f"{now} {terms.currency} is open by now, not {shown}. Look at the plan again.")


def _done(request: HttpRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("portal:overview")


def _page(
    request: HttpRequest,
    contact: Contact,
    form: PlanForm,
    items: list[PortalItem],
    ticked: tuple[int, ...],
    terms: Terms | None,
) -> HttpResponse:
    overdue = [
        item.invoice.pk for item in items if item.is_overdue and item.invoice.currency == contact.client.currency
    ]
    context = {"form": form, "items": items, "ticked": ticked or overdue, "terms": terms, "limits": plan_limits()}
    if terms:
        context["total"] = plain(terms.total, terms.currency)
    return page(request, contact, "pay_in_parts", context, status=400 if form.errors else 200)
