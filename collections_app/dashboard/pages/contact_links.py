"""The portal links of a contact: end them all, or mail a new one."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from collections_app.permissions import needs
from invoices.services.portal_links import revoke_links
from reminders.services.acknowledgements import send_new_link

from ..access import contact_for_staff
from ..said import done

TEXT = (
    "All links in mails sent so far stop working at once, and whoever reads by one is shown the door. "
    "The next mail carries a new link. Do this when a link was passed on, or a mailbox is no longer theirs."
)


class RevokeForm(forms.Form):
    has_new_link = forms.BooleanField(label="Mail a new link to the address on file", required=False)


@needs("work")
def links(request: HttpRequest, pk: int) -> HttpResponse:
    contact = contact_for_staff(pk)
    form = RevokeForm(request.POST or None)
    if request.method == "POST":
        revoke_links(pk, actor=request.user)
        text = f"The links of {contact} have ended."
        if "has_new_link" in request.POST and send_new_link(portal_id=contact.portal_id):
            text += f" A new one goes to {contact.email} within a minute."
        return done(request, text, "dashboard:client", contact.client_id)
    context = {
        "form": form,
        "client": contact.client,
        "title": f"End the portal links of {contact}",
        "submit": "End all links",
        "text": TEXT,
        "kind": "danger",
    }
    return render(request, "dashboard/client/action.html", context)


urls = [path("contacts/<int:pk>/links/", links, name="contact_links")]
