"""Statements of account by mail: asked for by staff, or once a month to the clients that get them."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.dateparse import parse_date

from invoices.models import Client, CreditNote, Entry, Invoice, Receipt
from invoices.queries.organisation import organisation
from invoices.queries.statements import AccountStatement, account_statement
from invoices.rules.periods import Period, month_before
from invoices.rules.statement import StatementKind
from invoices.services.audit import Actor, record
from invoices.services.statements import statement_name, statement_pdf

from ..answering import AnswerBalance
from ..channels import Attachment
from ..errors import DunningError
from ..models import Acknowledgement, AcknowledgementKind
from .answers import Answer, compose_for, write_answer

KIND = AcknowledgementKind.STATEMENT
WORKER = "worker"
MOST_AT_ONCE = 2_000  # a minute or two of a worker; the next tick goes on


def preview_statement(found: AccountStatement, kind: StatementKind) -> Answer | None:
    """The mail as it would leave now, but for the link, which opens the portal; None without an address to write to.

    Changes nothing.
    """
    return compose_for(found.client, KIND, None, {**_facts(found, kind), "portal_url": "(the contact's own link)"})


def send_statement(client: Client, period: Period, kind: StatementKind, *, actor: Actor, today: date) -> str:
    """Write the mail, which leaves within a minute; returns to whom. The same statement goes once a day.

    Raises DunningError when there is nobody to write to, or it was sent today already.
    """
    found = account_statement(client, period)
    days = f"{period.first_on.isoformat()}:{period.last_on.isoformat()}"
    row = _write(found, kind, f"statement:{client.pk}:{days}:{kind.value}:{today.isoformat()}", actor)
    if row is not None:
        return row.recipient
    if preview_statement(found, kind) is None:
        raise DunningError(f"{client} has no contact with a working e-mail address. Add one first.")
    raise DunningError("This statement was sent today already. Change the period, or send it tomorrow.")


def send_statements(today: date, limit: int = MOST_AT_ONCE) -> int:
    """Last month's statement to every client that gets one and has none; returns how many were written.

    The key of the row is client and month, so that ten mornings in a row, or two workers at once, write one. Clients
    without anything to state are left out; nothing is written while sending is stopped.
    """
    if organisation().is_sending_stopped:
        return 0
    period = month_before(today)
    written = 0
    for client in _waiting(period):
        if written == limit:
            break
        found = account_statement(client, period)
        if any(one.closing or one.movements.rows for one in found.currencies):
            written += _write(found, StatementKind.OPEN_ITEM, _monthly_key(client.pk, period), WORKER) is not None
    return written


def _waiting(period: Period) -> list[Client]:
    """Those for whom something moved since the month began, or stands open or on account."""
    own = {"client": OuterRef("pk")}
    has_moved = Exists(Entry.objects.filter(**own, booked_on__gte=period.first_on))
    is_open = Exists(Invoice.objects.filter(**own, open_amount__gt=0))
    has_credit = [Exists(model.objects.filter(**own, unapplied_amount__gt=0)) for model in (Receipt, CreditNote)]
    clients = Client.objects.filter(gets_monthly_statement=True, is_active=True)
    told = clients.filter(has_moved | is_open | has_credit[0] | has_credit[1])
    found = list(told.select_related("account_manager").order_by("pk"))
    keys = {_monthly_key(client.pk, period) for client in found}
    done = set(Acknowledgement.objects.filter(once_key__in=keys).values_list("once_key", flat=True))
    return [client for client in found if _monthly_key(client.pk, period) not in done]


def _monthly_key(client_id: int, period: Period) -> str:
    return f"statement:{client_id}:{period.last_on:%Y-%m}"


@transaction.atomic
def _write(found: AccountStatement, kind: StatementKind, once_key: str, actor: Actor) -> Acknowledgement | None:
    row = write_answer(found.client, KIND, once_key, None, _facts(found, kind))
    if row is not None:
        text = f"Statement {found.period.first_on:%d %b %Y} to {found.period.last_on:%d %b %Y} to {row.recipient}"
        record("statement_sent", row, actor=actor, client_id=found.client.pk, text=text)
    return row


def _facts(found: AccountStatement, kind: StatementKind) -> dict[str, Any]:
    return {
        "first_on": found.period.first_on,
        "last_on": found.period.last_on,
        "layout": kind.value,
        "balances": [AnswerBalance(one.currency, one.closing, one.ageing.overdue_amount) for one in found.currencies],
    }


def statement_files(row: Acknowledgement) -> tuple[Attachment, ...]:
    """The PDF that goes with the mail, made when it leaves: no lock is held meanwhile.

    From the entries known when the words were written, so that both say the same, at every attempt.
    """
    period = Period(*(parse_date(row.facts[name]) for name in ("first_on", "last_on")))
    found = account_statement(row.client, period, known_at=row.created_at)
    content = statement_pdf(found, StatementKind(row.facts["layout"]))
    return (Attachment(f"{statement_name(found)}.pdf", content),)


def attachments_of(row: Acknowledgement) -> tuple[Attachment, ...]:
    """What goes with an answer; their names and SHA-256 are kept as evidence of what left."""
    files = statement_files(row) if row.kind == KIND else ()
    if files:
        sums = [[file.name, hashlib.sha256(file.content).hexdigest()] for file in files]
        Acknowledgement.objects.filter(pk=row.pk).update(facts={**row.facts, "attachments": sums})
    return files
