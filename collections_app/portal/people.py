"""Who at the client gets what, and changes of contacts: asked for here, checked by staff, behind a code by mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from invoices.models import Contact, ContactRole, RequestKind
from invoices.queries.contacts import contacts_of
from reminders.errors import DunningError
from reminders.services.contact_requests import change_data
from reminders.services.requests import ask

from .session import page
from .step_up import sure_page

LABELS = {
    "name": "Name",
    "first_name": "First name",
    "role": "Role",
    "email": "Mail address",
    "phone": "Phone",
    "receives_invoices": "Invoices",
    "receives_reminders": "Reminders",
    "receives_statements": "Statements",
}


class PersonForm(forms.Form):
    name = forms.CharField(max_length=120)
    first_name = forms.CharField(max_length=60, required=False, label="First name")
    role = forms.ChoiceField(choices=ContactRole)
    email = forms.EmailField(label="Mail address", max_length=254)
    phone = forms.CharField(max_length=40, required=False)
    receives_invoices = forms.BooleanField(required=False, label="Gets invoices")
    receives_reminders = forms.BooleanField(required=False, label="Gets reminders")
    receives_statements = forms.BooleanField(required=False, label="Gets statements")
    is_gone = forms.BooleanField(required=False, label="Is no longer with us")

    def __init__(self, *args: Any, contact: Contact | None, **kwargs: Any) -> None:
        start = {name: getattr(contact, name) for name in LABELS} if contact else {"receives_invoices": True}
        super().__init__(*args, initial=start, **kwargs)
        if contact is None:
            del self.fields["is_gone"]

    @property
    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        return {**given, "is_active": not given.pop("is_gone", False)}


@require_safe
@sure_page
def contacts(request: HttpRequest, contact: Contact) -> HttpResponse:
    return page(request, contact, "contacts", {"people": contacts_of(contact.client)})


@require_http_methods(["GET", "HEAD", "POST"])
@sure_page
def person(request: HttpRequest, contact: Contact, contact_id: int | None = None) -> HttpResponse:
    """Ask for a change of one person, or for a new one. Nothing changes until we have checked it."""
    who = next((one for one in contacts_of(contact.client) if one.pk == contact_id), None)
    if contact_id is not None and who is None:
        raise Http404("No such contact.")
    form = PersonForm(request.POST or None, contact=who)
    if request.method == "POST" and form.is_valid():
        data = change_data(who, form.values)
        try:
            if not data["after"]:
                form.add_error(None, "Nothing is different from what we have on file.")
            else:
                summary = said(who, data["after"])
                ask(contact, RequestKind.CONTACTS, "", data={**data, "summary": summary}, summary=summary)
        except DunningError as refusal:
            form.add_error(None, str(refusal))
        if not form.errors:
            messages.success(request, "Thank you. We check the change, and tell you by mail when it holds.")
            return redirect("portal:told")
    return page(request, contact, "person", {"form": form, "who": who}, status=400 if form.errors else 200)


def said(who: Contact | None, after: dict[str, Any]) -> str:
    """The change in one line."""
    words = {True: "yes", False: "no"}
    if after.get("is_active") is False:
        return f"{who} is no longer with us"
    parts = [f"{LABELS[name]}: {words.get(value, value)}" for name, value in after.items() if name in LABELS]
    return f"{who or 'A new person'}: {', '.join(parts)}"[:280]
