"""Clients from a file: new ones in bulk, changed ones through the services that staff use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from ...models import Client, Contact
from ...rules.importing.records import ClientRow, RowError
from ...rules.money import is_whole
from ..audit import user_or_none
from ..clients import add_contact, change_client, change_contact
from .booking import lock_clients
from .report import Context, ImportReport
from .rows import insert_events

_OWN = ("name", "country", "currency", "language", "time_zone", "debtor_type", "credit_limit")
_CONTACT = ("email", "phone")


def create_clients(wanted: Mapping[str, Mapping[str, Any]], context: Context) -> dict[str, Client]:
    """New clients by code, from their fields; `email` and `phone` become the primary contact."""
    rows = sorted(wanted.items())
    clients = Client.objects.bulk_create(
        Client(code=code, **{name: value for name, value in fields.items() if name not in _CONTACT})
        for code, fields in rows
    )
    Contact.objects.bulk_create(
        Contact(client=client, is_primary=True, **reached)
        for client, (_, fields) in zip(clients, rows, strict=True)
        if (reached := {name: fields[name] for name in _CONTACT if fields.get(name)})
    )
    now, by = timezone.now(), user_or_none(context.actor)
    head = (now, by.pk if by else None, str(context.actor), "client_created")
    insert_events(
        (*head, client.pk, "client", client.pk, f"Client {client} ({client.code}) created"[:300], {}, {})
        for client in clients
    )
    return {client.code: client for client in clients}


class ClientWriter:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._rows: dict[str, ClientRow] = {}  # by code, of all chunks: one client cannot be two rows

    def write(self, rows: Sequence[ClientRow]) -> ImportReport:
        """Write one chunk. The caller owns the transaction."""
        report = ImportReport()
        known = lock_clients([row.code for row in rows])
        contacts = {
            c.client_id: c for c in Contact.objects.filter(client__in=known.values(), is_primary=True, is_active=True)
        }
        seen: dict[str, ClientRow] = {}
        new: dict[str, Mapping[str, Any]] = {}
        for row in rows:
            earlier = self._rows.get(row.code) or seen.get(row.code)
            error = self._error(row, earlier, known.get(row.code))
            if error:
                report.rejected.append(error)
                continue
            seen[row.code] = row
            if earlier:
                report.unchanged += 1
            elif client := known.get(row.code):
                changed = self._change(client, contacts.get(client.pk), row)
                report.updated += changed
                report.unchanged += not changed
            else:
                new[row.code] = {"name": row.code, "currency": self._context.default_currency, **self._fields(row)}
                report.created += 1
        create_clients(new, self._context)
        self._rows |= seen
        return report

    def _error(self, row: ClientRow, earlier: ClientRow | None, client: Client | None) -> RowError | None:
        if earlier and not _same(earlier, row):
            return RowError(row.row, "code", row.code, f"Code stands in row {earlier.row} already, with other values.")
        if reason := self._context.terms.check(row.terms):
            return RowError(row.row, "terms", row.terms or "", reason)
        currency = row.currency or (client.currency if client else self._context.default_currency)
        if row.credit_limit is not None and not is_whole(row.credit_limit, currency):
            reason = f"Credit limit has more decimals than {currency} has."
            return RowError(row.row, "credit_limit", f"{row.credit_limit:f}", reason)
        return None

    def _fields(self, row: ClientRow) -> dict[str, Any]:
        fields = {name: value for name in (*_OWN, *_CONTACT) if (value := getattr(row, name)) is not None}
        if row.terms is not None:
            fields["terms"] = self._context.terms.get(row.terms)
        return fields

    def _change(self, client: Client, contact: Contact | None, row: ClientRow) -> bool:
        fields = self._fields(row)
        reached = {name: fields.pop(name) for name in _CONTACT if name in fields}
        actor = self._context.actor
        differs = any(getattr(client, name) != value for name, value in fields.items())
        changed = differs and bool(change_client(client.pk, fields, actor=actor))
        if contact is None:
            if reached:
                add_contact(client.pk, reached, actor=actor)
            return changed or bool(reached)
        if any(getattr(contact, name) != value for name, value in reached.items()):
            return bool(change_contact(contact.pk, reached, actor=actor)) or changed
        return changed


def _same(one: ClientRow, other: ClientRow) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in ClientRow.__slots__ if name != "row")
