"""A change of contacts that a client asks for, and what accepting it does. Checked by staff before it holds:

a stranger with a passed-on link must not turn our mails to himself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from invoices.models import ClientRequest, Contact
from invoices.services.audit import Actor
from invoices.services.clients import add_contact, change_contact
from invoices.services.portal_links import revoke_links

from ..errors import DunningError

FIELDS = ("name", "first_name", "role", "email", "phone", "receives_reminders", "receives_invoices")
FIELDS += ("receives_statements", "is_active")


class Difference(NamedTuple):
    """One field as it is on file now, and as it is to be. `is_stale`: it was changed since the client asked."""

    label: str
    old: str
    new: str
    is_stale: bool


def change_data(contact: Contact | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of the request: only fields that may be asked for, and of these the ones that differ."""
    wanted = {name: values[name] for name in FIELDS if name in values}
    if contact is None:
        return {"contact_id": None, "before": {}, "after": wanted}
    after = {name: value for name, value in wanted.items() if getattr(contact, name) != value}
    return {"contact_id": contact.pk, "before": {name: getattr(contact, name) for name in after}, "after": after}


def differences(row: ClientRequest) -> list[Difference]:
    contact = _contact(row)
    found = []
    for name, new in row.data.get("after", {}).items():
        old = getattr(contact, name, "") if contact else ""
        asked_from = row.data["before"].get(name, "")
        label = str(Contact._meta.get_field(name).verbose_name).capitalize()
        found.append(Difference(label, _word(old), _word(new), bool(contact) and old not in (asked_from, new)))
    return found


def apply_change(row: ClientRequest, *, actor: Actor) -> None:
    """Through the same services as staff use. A new address ends the links that lie in the old mailbox."""
    after = {name: value for name, value in row.data.get("after", {}).items() if name in FIELDS}
    if row.data.get("contact_id") is None:
        add_contact(row.client_id, after, actor=actor)
        return
    contact = _contact(row)
    if contact is None:
        raise DunningError("This contact is gone by now. Refuse the request, and say so.")
    change_contact(contact.pk, after, actor=actor)
    if "email" in after or after.get("is_active") is False:
        revoke_links(contact.pk, actor=actor)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "nothing"


def _contact(row: ClientRequest) -> Contact | None:
    return Contact.objects.filter(client_id=row.client_id, pk=row.data.get("contact_id")).first()
