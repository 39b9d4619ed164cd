"""Who gets what by mail: each kind has its own tick at the contact, which he may take away himself."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from invoices.models import Contact, EmailState

from .facts import first_contact


def statement_contacts() -> QuerySet[Contact, Any]:
    """Contacts who get statements, at an address that works."""
    rows = Contact.objects.filter(is_active=True, receives_statements=True, email_state=EmailState.OK)
    return rows.exclude(email="")


def statement_contact(client_id: int) -> Contact | None:
    return first_contact(statement_contacts().filter(client_id=client_id))
