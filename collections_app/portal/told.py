"""Messages between a client and us in the portal: ask a question, see what became of it, tell us what was hard."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from invoices.errors import LedgerError
from invoices.models import Contact, FeedbackReason, RequestKind
from invoices.queries.feedback import questions
from invoices.queries.told import dispute_file_of_client, disputes_of_client, requests_of_client
from invoices.services.feedback import LONGEST, give_feedback
from reminders.errors import DunningError
from reminders.services.portal_answers import accept_settlement
from reminders.services.requests import ask

from .access import invoice_for
from .account import show_overview
from .session import client_page, page
from .uploads import download

form_page = require_http_methods(["GET", "HEAD", "POST"])


class QuestionForm(forms.Form):
    text = forms.CharField(label="Your question", max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))


class FeedbackForm(forms.Form):
    reason = forms.ChoiceField(
        label="What made it hard to pay in time?", choices=FeedbackReason, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label="Tell us more", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3})
    )


@require_safe
@client_page
def told(request: HttpRequest, contact: Contact) -> HttpResponse:
    """What this client told and asked us, and where each stands."""
    context = {
        "disputes": disputes_of_client(contact.client),
        "requests": requests_of_client(contact.client),
        "questions": questions(contact.client, localdate()),
    }
    return page(request, contact, "told", context)


@form_page
@client_page
def question(request: HttpRequest, contact: Contact) -> HttpResponse:
    """About everything, or about one invoice."""
    raw = request.GET.get("invoice", "")
    about = invoice_for(contact, int(raw)) if raw.isascii() and raw.isdigit() and len(raw) < 19 else None
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        try:
            ask(contact, RequestKind.QUESTION, f"About invoice {about}: {text}" if about else text)
        except DunningError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Thank you. A person reads your question and answers you by mail.")
            return redirect("portal:told")
    return page(request, contact, "question", {"form": form, "invoice": about}, status=400 if form.errors else 200)


@form_page
@client_page
def feedback(request: HttpRequest, contact: Contact) -> HttpResponse:
    about = request.POST.get("about") or request.GET.get("about", "")
    asked = next((one for one in questions(contact.client, localdate()) if one.about == about), None)
    if asked is None:
        raise Http404("There is nothing to answer here.")
    form = FeedbackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            give_feedback(contact, about=asked.about, **form.cleaned_data)
        except LedgerError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Thank you. It helps us to do better.")
            return redirect("portal:told")
    return page(request, contact, "feedback", {"form": form, "asked": asked}, status=400 if form.errors else 200)


@require_safe
@client_page
def dispute_file(request: HttpRequest, contact: Contact, file_id: int) -> HttpResponseBase:
    file = dispute_file_of_client(contact.client, file_id)
    if file is None:
        raise Http404("No such file.")
    return download(file)


@require_POST
@client_page
def accept_offer(request: HttpRequest, contact: Contact, settlement_id: int) -> HttpResponse:
    """He accepts and pays by transfer; who pays at once accepts by paying."""
    try:
        accept_settlement(contact, settlement_id)
    except DunningError as refusal:
        return show_overview(request, contact, error=str(refusal))
    messages.success(request, "Thank you. We wait for your payment and send no reminders until then.")
    return redirect("portal:overview")
