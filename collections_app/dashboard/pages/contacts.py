"""The people at a client, and notes about him."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.services.clients import pin_note, write_note
from reminders.services.contacts import add_contact, change_contact

from ..access import client_for_staff, contact_for_staff, note_for_staff
from ..forms.clients import ContactForm, NoteForm
from ..said import done
from .client import client_context


@needs("work")
def new_contact(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        contact = add_contact(pk, form.values, actor=request.user)
        return done(request, f"{contact} added.", "dashboard:client", pk)
    context = {"form": form, "client": client, "title": "New contact", "submit": "Add contact"}
    return render(request, "dashboard/client/action.html", context, status=422 if form.errors else 200)


@needs("work")
def edit_contact(request: HttpRequest, pk: int) -> HttpResponse:
    contact = contact_for_staff(pk)
    client = contact.client
    form = ContactForm(request.POST or None, instance=contact)
    if request.method == "POST" and form.is_valid():
        changed = change_contact(pk, form.values, actor=request.user)
        text = f"Changed: {', '.join(changed)}." if changed else "Nothing was different, so nothing changed."
        return done(request, text, "dashboard:client", client.pk)
    context = {"form": form, "client": client, "title": "Edit contact", "submit": "Save"}
    return render(request, "dashboard/client/action.html", context, status=422 if form.errors else 200)


@needs("work")
@require_POST
def new_note(request: HttpRequest, pk: int) -> HttpResponse:
    client = client_for_staff(pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        write_note(pk, form.cleaned_data["text"], is_pinned=form.cleaned_data["is_pinned"], actor=request.user)
        return done(request, "Note added.", "dashboard:client", pk)
    return render(
        request, "dashboard/client/page.html", {**client_context(client, request), "note_form": form}, status=422
    )


@needs("work")
@require_POST
def unpin_note(request: HttpRequest, pk: int) -> HttpResponse:
    note = note_for_staff(pk)
    pin_note(pk, False, actor=request.user)
    return done(request, "The note is off the top; it stays on the timeline.", "dashboard:client", note.client_id)


urls = [
    path("clients/<int:pk>/contacts/new/", new_contact, name="contact_new"),
    path("contacts/<int:pk>/", edit_contact, name="contact_edit"),
    path("clients/<int:pk>/notes/", new_note, name="note_new"),
    path("notes/<int:pk>/unpin/", unpin_note, name="note_unpin"),
]
