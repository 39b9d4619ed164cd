"""Deferrals: a later due date agreed for one item. The printed date stays on record, and so does every move."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import LedgerError, NotIssued
from ..models import Client, Deferral, Invoice, InvoiceStatus
from ..queries.plans import live_plan_of
from .audit import Actor, record, user_or_none
from .ledger import lock_client, wake


class NewDeferral(NamedTuple):
    new_due_on: date
    reason: str
    agreed_by: str = ""


@transaction.atomic
def defer_invoice(invoice_id: int, new: NewDeferral, *, actor: Actor) -> Deferral:
    """Move the due date to a later day than the one printed. Raises NotIssued, LedgerError.

    Dunning and late charges follow the new date; levels the item went through stay.
    """
    client, invoice = _locked(invoice_id)
    printed = invoice.original_due_on or invoice.due_on
    if new.new_due_on <= printed:
        raise LedgerError(f"Invoice {invoice} was due on {_day(printed)} as printed; choose a later day than that.")
    if new.new_due_on < localdate():
        raise LedgerError(f"{_day(new.new_due_on)} is over already; choose today or a later day.")
    if new.new_due_on == invoice.due_on:
        raise LedgerError(f"Invoice {invoice} is due on {_day(invoice.due_on)} already.")
    return _move(client, invoice, new, "invoice_deferred", actor=actor)


@transaction.atomic
def take_back_deferral(invoice_id: int, *, reason: str, actor: Actor) -> Deferral:
    """The printed date holds again; the rows of the moves stay."""
    client, invoice = _locked(invoice_id)
    if invoice.original_due_on is None or invoice.original_due_on == invoice.due_on:
        raise LedgerError(f"Invoice {invoice} is due as printed, on {_day(invoice.due_on)}; nothing is deferred.")
    new = NewDeferral(invoice.original_due_on, reason)
    return _move(client, invoice, new, "deferral_taken_back", actor=actor)


def _locked(invoice_id: int) -> tuple[Client, Invoice]:
    client = lock_client(Invoice.objects.only("client_id").get(pk=invoice_id).client_id)
    invoice = Invoice.objects.get(pk=invoice_id)
    if invoice.status != InvoiceStatus.ISSUED or not invoice.is_open:
        raise NotIssued(f"Invoice {invoice} owes nothing, so there is no date to move.")
    if invoice.current_part:
        raise LedgerError(f"Invoice {invoice} is due in parts, each on its date. Agree a payment plan for it instead.")
    if plan := live_plan_of(invoice_id):
        raise LedgerError(f"Invoice {invoice} is in plan {plan.pk}, whose dates hold. Change the plan instead.")
    return client, invoice


def _move(client: Client, invoice: Invoice, new: NewDeferral, verb: str, *, actor: Actor) -> Deferral:
    old = invoice.due_on
    row = Deferral.objects.create(
        invoice=invoice,
        old_due_on=old,
        new_due_on=new.new_due_on,
        reason=new.reason[:200],
        agreed_on=localdate(),
        agreed_by=new.agreed_by[:120],
        created_by=user_or_none(actor),
    )
    original = invoice.original_due_on or old
    Invoice.objects.filter(pk=invoice.pk).update(due_on=new.new_due_on, original_due_on=original)
    wake([client.pk], localdate())
    text = f"{invoice} due on {_day(new.new_due_on)} instead of {_day(old)}: {new.reason}"
    dates = {"before": {"due_on": old.isoformat()}, "after": {"due_on": new.new_due_on.isoformat()}}
    record(verb, invoice, actor=actor, client_id=client.pk, text=text, **dates)
    return row


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"
