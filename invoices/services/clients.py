"""Clients, their contacts and what staff write about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import LedgerError
from ..models import Client, Contact, EmailState, Note
from .audit import Actor, record, user_or_none
from .changes import change_row
from .ledger import lock_client, wake


class CodeTaken(LedgerError):
    """Another client has this code."""


@transaction.atomic
def create_client(values: Mapping[str, Any], *, actor: Actor, contact: Mapping[str, Any] | None = None) -> Client:
    """A new client from its fields (`code` and `name` at least), with its first contact. Raises CodeTaken."""
    _require_free_code(values["code"])
    client = Client.objects.create(**values)
    record("client_created", client, actor=actor, client_id=client.pk, text=f"Client {client} ({client.code}) created")
    if contact:
        add_contact(client.pk, contact, actor=actor)
    return client


@transaction.atomic
def change_client(client_id: int, values: Mapping[str, Any], *, actor: Actor) -> list[str]:
    """Change some fields; returns the labels of what changed. Collections looks again: the plan may follow."""
    client = lock_client(client_id)
    if values.get("code", client.code) != client.code:
        _require_free_code(values["code"])
    changed = change_row(client, values, verb="client_changed", actor=actor, client_id=client.pk)
    if changed:
        _look_again(client)
    return changed


@transaction.atomic
def add_contact(client_id: int, values: Mapping[str, Any], *, actor: Actor) -> Contact:
    """A new person at the client. The first is the primary contact; a new primary takes the place of the old."""
    client = lock_client(client_id)
    is_primary = values.get("is_primary") or not client.contacts.filter(is_primary=True, is_active=True).exists()
    if is_primary:
        _no_primary(client)
    contact = Contact.objects.create(client=client, **{**values, "is_primary": is_primary})
    record("contact_added", contact, actor=actor, client_id=client.pk, text=f"Contact {contact} added")
    _look_again(client)
    return contact


@transaction.atomic
def change_contact(contact_id: int, values: Mapping[str, Any], *, actor: Actor) -> list[str]:
    """Change a contact. A new e-mail address or number counts as working until it fails again."""
    client = lock_client(Contact.objects.only("client_id").get(pk=contact_id).client_id)
    contact = Contact.objects.get(pk=contact_id)
    values = dict(values)
    if values.get("email", contact.email) != contact.email:
        values["email_state"] = EmailState.OK
    if values.get("phone", contact.phone) != contact.phone:
        values["is_phone_dead"] = False
    if values.get("is_primary") and not contact.is_primary:
        _no_primary(client)
    changed = change_row(contact, values, verb="contact_changed", actor=actor, client_id=client.pk)
    if changed:
        _look_again(client)
    return changed


@transaction.atomic
def write_note(client_id: int, text: str, *, actor: Actor, is_pinned: bool = False) -> Note:
    note = Note.objects.create(client_id=client_id, text=text, is_pinned=is_pinned, written_by=user_or_none(actor))
    record("note_written", note, actor=actor, client_id=client_id, text=text)
    return note


@transaction.atomic
def pin_note(note_id: int, is_pinned: bool, *, actor: Actor) -> Note:
    """Keep a note on top of the client page, or let it go."""
    note = Note.objects.select_for_update().get(pk=note_id)
    if note.is_pinned != is_pinned:
        Note.objects.filter(pk=note.pk).update(is_pinned=is_pinned)
        verb = "note_pinned" if is_pinned else "note_unpinned"
        record(verb, note, actor=actor, client_id=note.client_id, text=note.text)
    return note


def _require_free_code(code: str) -> None:
    taken = Client.objects.filter(code=code).first()
    if taken:
        raise CodeTaken(f"The code {code} belongs to {taken} already. Choose another one.")


def _no_primary(client: Client) -> None:
    client.contacts.filter(is_primary=True).update(is_primary=False)


def _look_again(client: Client) -> None:
    if client.review_on:
        wake([client.pk], localdate())
