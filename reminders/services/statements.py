"""Statements of account by mail: asked for by staff, or once a period to the clients on a schedule."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils.dateparse import parse_date

from invoices.composing_statement import is_long, statement_csv
from invoices.models import Client, CreditNote, Entry, Invoice, Receipt, StatementSchedule
from invoices.queries.organisation import organisation
from invoices.queries.statements import AccountStatement, account_statement
from invoices.rules.periods import Period, month_before, quarter_before, week_before
from invoices.rules.statement import StatementKind
from invoices.services.audit import Actor, record
from invoices.services.statements import statement_name, statement_pdf

from ..answering import AnswerBalance
from ..channels import Attachment
from ..errors import DunningError
from ..models import Acknowledgement, AcknowledgementKind
from ..queries.statement_contacts import statement_contact, statement_contacts
from .answers import Answer, compose_for, write_answer

KIND = AcknowledgementKind.STATEMENT
WORKER = "worker"
MOST_AT_ONCE = 2_000  # a minute or two of a worker; the next tick goes on
CHUNK = 500
PERIODS = {
    StatementSchedule.WEEKLY: week_before,
    StatementSchedule.MONTHLY: month_before,
    StatementSchedule.QUARTERLY: quarter_before,
}


def preview_statement(found: AccountStatement, kind: StatementKind) -> Answer | None:
    """The mail as it would leave now, but for the link, which opens the portal; None without an address to write to.

    Changes nothing.
    """
    contact = statement_contact(found.client.pk)
    if contact is None:
        return None
    return compose_for(found.client, KIND, contact, {**_facts(found, kind), "portal_url": "(the contact's own link)"})


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
    """The statement of the last whole week, month or quarter to every client on that schedule who has none.

    Returns how many were written. The key of a row is client and period, so that any number of ticks, or two workers
    at once, write one; a machine that was off writes it when it is back, for the last period that is over. Clients
    without anything to state are left out; nothing is written while sending is stopped.
    """
    if organisation().is_sending_stopped:
        return 0
    written = 0
    for schedule, period_before in PERIODS.items():
        written += _send_period(schedule, period_before(today), limit - written)
    return written


def _send_period(schedule: StatementSchedule, period: Period, limit: int) -> int:
    """A chunk of clients in memory at a time, by key: ten thousand cost no more of it than five hundred."""
    written, waiting, after = 0, _waiting(schedule, period), 0
    while written < limit and (chunk := list(waiting.filter(pk__gt=after).order_by("pk")[:CHUNK])):
        after = chunk[-1].pk
        for client in chunk:
            if written == limit:
                break
            found = account_statement(client, period)
            if any(one.closing or one.movements.rows for one in found.currencies):
                key = f"statement:{client.pk}:{_ending(schedule, period)}"
                written += _write(found, StatementKind(client.statement_layout), key, WORKER) is not None
    return written


def _waiting(schedule: StatementSchedule, period: Period) -> QuerySet[Client]:
    """Who has no statement of the period, though something moved in or since it, or stands open or on account.

    Only clients that mail can reach: the others would be asked about at every tick.
    """
    own = {"client": OuterRef("pk")}
    has_moved = Exists(Entry.objects.filter(**own, booked_on__gte=period.first_on))
    is_open = Exists(Invoice.objects.filter(**own, open_amount__gt=0))
    has_credit = [Exists(model.objects.filter(**own, unapplied_amount__gt=0)) for model in (Receipt, CreditNote)]
    had_any = Exists(Entry.objects.filter(**own, booked_on__lte=period.last_on))
    key = Concat(
        Value("statement:"),
        Cast(OuterRef("pk"), TextField()),
        Value(":" + _ending(schedule, period)),
        output_field=TextField(),
    )
    is_written = Exists(Acknowledgement.objects.filter(once_key=key))
    can_be_reached = Exists(statement_contacts().filter(**own))
    clients = Client.objects.filter(statement_schedule=schedule, is_active=True)
    told = clients.filter(has_moved | is_open | has_credit[0] | has_credit[1])
    return told.filter(had_any, ~is_written, can_be_reached).select_related("account_manager")


def _ending(schedule: StatementSchedule, period: Period) -> str:
    """The end of the key: the month, 2026-05; for a week or quarter its last day with its kind."""
    if schedule == StatementSchedule.MONTHLY:
        return f"{period.last_on:%Y-%m}"
    return f"{schedule.value}:{period.last_on.isoformat()}"


@transaction.atomic
def _write(found: AccountStatement, kind: StatementKind, once_key: str, actor: Actor) -> Acknowledgement | None:
    contact = statement_contact(found.client.pk)
    row = write_answer(found.client, KIND, once_key, contact, _facts(found, kind)) if contact else None
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
    """The PDF that goes with the mail, and a CSV of every line where there are more than the PDF prints.

    Made when the mail leaves: no lock is held meanwhile. From the entries known when the words were written, so that
    both say the same, at every attempt.
    """
    period = Period(*(parse_date(row.facts[name]) for name in ("first_on", "last_on")))
    found = account_statement(row.client, period, known_at=row.created_at)
    kind, name = StatementKind(row.facts["layout"]), statement_name(found)
    has_csv = is_long(found, kind)
    pdf = Attachment(f"{name}.pdf", statement_pdf(found, kind, has_csv=has_csv))
    return (pdf, Attachment(f"{name}.csv", statement_csv(found, kind), "text/csv")) if has_csv else (pdf,)
