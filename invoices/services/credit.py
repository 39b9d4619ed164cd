"""Credit: who asked for it, what was checked, who decided, and the stop before an invoice goes over the limit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import CreditStopped, InvalidAmount, LedgerError
from ..models import ApplicationStatus, Client, CreditApplication, Invoice, InvoiceKind, TradeReference
from ..queries.credit import owed_in, standing_of
from ..rules.credit import CreditAnswer, Verdict, credit_for
from ..rules.money import is_whole, plain
from .audit import Actor, record, user_or_none
from .changes import change_row
from .ledger import lock_client


class Grant(NamedTuple):
    """A decision for credit. `amount` None: no limit. `review_on`: when somebody looks at it again; None never."""

    amount: Decimal | None
    policy: str
    note: str
    review_on: date | None = None


def credit_answer(client: Client, invoice: Invoice) -> CreditAnswer:
    """What issuing this draft would mean for the client's limit. At most one query; a late charge is no new credit."""
    if invoice.kind == InvoiceKind.CHARGE:
        return CreditAnswer(Verdict.FINE)
    counts = client.credit_limit is not None and invoice.currency == client.currency
    owed = owed_in(client, client.currency) if counts else Decimal(0)
    return credit_for(standing_of(client, owed), invoice.total_amount, invoice.currency)


def require_credit(client: Client, invoice: Invoice, *, reason: str, actor: Actor) -> None:
    """Raises CreditStopped when this draft may not be issued; with a written `reason` it may, and that is recorded.

    The caller holds the client's lock: of two invoices that fit only one at a time, one is stopped.
    """
    answer = credit_answer(client, invoice)
    if answer.verdict is not Verdict.STOP:
        return
    if not (reason := reason.strip()):
        raise CreditStopped(f"{answer.text} Have a manager issue it with a reason, or raise the limit first.")
    record(
        "credit_overridden",
        invoice,
        actor=actor,
        client_id=client.pk,
        text=f"{invoice} issued though stopped: {reason}",
        after={"stopped_by": answer.text, "reason": reason},
    )


@transaction.atomic
def apply_for_credit(client_id: int, values: Mapping[str, Any], *, actor: Actor) -> CreditApplication:
    """Open an application; its registry number goes onto the client. Raises LedgerError while another one is open."""
    client = lock_client(client_id)
    if client.credit_applications.filter(status=ApplicationStatus.OPEN).exists():
        raise LedgerError(f"An application of {client} is open already. Decide that one first.")
    _require_amount(values.get("asked_amount"), client.currency)
    given = {"currency": client.currency, "asked_on": localdate(), **values}
    row = CreditApplication.objects.create(client=client, created_by=user_or_none(actor), **given)
    if row.registration_number and not client.registration_number:
        change = {"registration_number": row.registration_number}
        change_row(client, change, verb="client_changed", actor=actor, client_id=client.pk)
    record(
        "credit_applied", row, actor=actor, client_id=client.pk, text=f"{client} asks for {_sum(row.asked_amount, row)}"
    )
    return row


@transaction.atomic
def add_reference(application_id: int, *, name: str, contact: str = "", actor: Actor) -> TradeReference:
    """Another supplier to ask, while the application is open."""
    application = _open(application_id)
    row = TradeReference.objects.create(application=application, name=name, contact=contact)
    record("reference_added", application, actor=actor, client_id=application.client_id, text=f"Reference: {name}")
    return row


@transaction.atomic
def answer_reference(reference_id: int, *, answer: str, answered_on: date, actor: Actor) -> TradeReference:
    """What the supplier said; a later answer takes the place of the former one, which stays in the audit trail."""
    row = TradeReference.objects.select_related("application").get(pk=reference_id)
    application = _open(row.application_id)
    change_row(
        row,
        {"answer": answer, "answered_on": answered_on},
        verb="reference_answered",
        actor=actor,
        client_id=application.client_id,
    )
    return row


@transaction.atomic
def grant_credit(application_id: int, grant: Grant, *, actor: Actor) -> CreditApplication:
    """Decide for it: the client's limit and policy are set, and the former decision is replaced."""
    client = lock_client(CreditApplication.objects.only("client_id").get(pk=application_id).client_id)
    row = _open(application_id)
    _close(row, ApplicationStatus.GRANTED, grant, actor=actor)
    _set_limit(client, row, grant, actor=actor)
    return row


@transaction.atomic
def refuse_credit(application_id: int, *, note: str, actor: Actor) -> CreditApplication:
    """Decide against it. The limit stays as it was, with its own decision."""
    row = _open(application_id)
    _close(row, ApplicationStatus.REFUSED, Grant(None, "", note), actor=actor)
    record("credit_refused", row, actor=actor, client_id=row.client_id, text=f"Credit refused: {note}")
    return row


@transaction.atomic
def set_credit_limit(client_id: int, grant: Grant, *, actor: Actor) -> CreditApplication:
    """Set the limit by hand, without an application: who, why and until when stand in the same history."""
    client = lock_client(client_id)
    _require_amount(grant.amount, client.currency)
    row = CreditApplication.objects.create(
        client=client,
        currency=client.currency,
        status=ApplicationStatus.REPLACED,  # until it takes the place of the one in force, two lines below
        asked_on=localdate(),
        created_by=user_or_none(actor),
    )
    _close(row, ApplicationStatus.GRANTED, grant, actor=actor)
    _set_limit(client, row, grant, actor=actor)
    return row


def _open(application_id: int) -> CreditApplication:
    row = CreditApplication.objects.select_for_update().get(pk=application_id)
    if row.status != ApplicationStatus.OPEN:
        raise LedgerError(f"This application is {row.get_status_display().lower()} already. Write a new one.")
    return row


def _close(row: CreditApplication, status: ApplicationStatus, grant: Grant, *, actor: Actor) -> None:
    _require_amount(grant.amount, row.currency)
    if not grant.note.strip():
        raise LedgerError("Say why: whoever looks at the limit next wants to know.")
    CreditApplication.objects.filter(pk=row.pk).update(
        status=status,
        granted_amount=grant.amount,
        decided_on=localdate(),
        decided_by=user_or_none(actor),
        decision_note=grant.note,
        review_on=grant.review_on,
    )
    row.refresh_from_db()


def _set_limit(client: Client, row: CreditApplication, grant: Grant, *, actor: Actor) -> None:
    former = client.credit_applications.filter(status=ApplicationStatus.GRANTED).exclude(pk=row.pk)
    former.update(status=ApplicationStatus.REPLACED)
    values = {"credit_limit": grant.amount, "credit_policy": grant.policy}
    change_row(client, values, verb="client_changed", actor=actor, client_id=client.pk)
    text = f"Credit limit of {client}: {_sum(grant.amount, row)}. {grant.note}"
    record("credit_granted", row, actor=actor, client_id=client.pk, text=text)


def _sum(amount: Decimal | None, row: CreditApplication) -> str:
    return "no limit" if amount is None else f"{plain(amount, row.currency)} {row.currency}"


def _require_amount(amount: Decimal | None, currency: str) -> None:
    if amount is not None and (amount < 0 or not is_whole(amount, currency)):
        raise InvalidAmount(f"{amount} {currency} cannot be a credit limit.")
