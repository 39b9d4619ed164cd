"""What a contact wants to hear from us, and how: his own ticks, in force at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from invoices.models import Contact, StatementSchedule
from reminders.errors import DunningError
from reminders.services.preferences import SMS_WORDS, Wishes, set_preferences

from .session import client_page, page

OWN_NAMES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "nl": "Nederlands"}


class PreferencesForm(forms.Form):
    receives_invoices = forms.BooleanField(required=False, label="Send me invoices by mail")
    receives_reminders = forms.BooleanField(
        required=False, label="Send me reminders by mail", help_text="Without them we ring or write letters instead."
    )
    is_monthly = forms.BooleanField(
        required=False,
        label="One statement a month instead of single reminders",
        help_text="All open invoices in one mail on the first of the month.",
    )
    receives_statements = forms.BooleanField(required=False, label="Send me statements by mail")
    refuses_calls = forms.BooleanField(required=False, label="Do not ring me")
    has_sms_consent = forms.BooleanField(required=False, label=SMS_WORDS)
    language = forms.ChoiceField(
        required=False, label="Language", choices=[("", "As for my company"), *OWN_NAMES.items()]
    )

    @property
    def wishes(self) -> Wishes:
        return Wishes(**self.cleaned_data)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def preferences(request: HttpRequest, contact: Contact) -> HttpResponse:
    form = PreferencesForm(request.POST if request.method == "POST" else None, initial=_as_it_is(contact))
    if request.method == "POST" and form.is_valid():
        try:
            changed = set_preferences(contact, form.wishes, address=request.META.get("REMOTE_ADDR", ""))
        except DunningError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved. It holds from now on." if changed else "Nothing was changed.")
            return redirect("portal:preferences")
    return page(request, contact, "preferences", {"form": form}, status=400 if form.errors else 200)


def _as_it_is(contact: Contact) -> dict[str, Any]:
    names = ("receives_invoices", "receives_reminders", "receives_statements", "refuses_calls", "has_sms_consent")
    is_monthly = contact.client.statement_schedule == StatementSchedule.MONTHLY and not contact.receives_reminders
    return {**{name: getattr(contact, name) for name in names}, "language": contact.language, "is_monthly": is_monthly}
