"""How staff pages fetch what an address names. Views look nothing up by themselves; not there is 404."""

from __future__ import annotations

from typing import TypeVar

from django.http import Http404

from collections_app.models import User
from invoices.models import (
    Allocation,
    Charge,
    Client,
    Contact,
    CreditNote,
    Discount,
    Dispute,
    Invoice,
    Note,
    PaymentPlan,
    PaymentTerms,
    ProcessorDispute,
    Receipt,
    RecurringInvoice,
    RecurringLine,
    Refund,
    Settlement,
    WriteOff,
)
from invoices.queries.documents import with_settlement
from invoices.queries.recurring import with_state
from reminders.models import DunningBlock

T = TypeVar("T")


def client_for_staff(pk: int) -> Client:
    return _found(Client.objects.select_related("terms", "account_manager", "payer").filter(pk=pk).first(), "client")


def card_dispute_for_staff(pk: int) -> ProcessorDispute:
    rows = ProcessorDispute.objects.select_related("payment__client__terms", "payment__contact")
    return _found(rows.filter(pk=pk).first(), "card dispute")


def contact_for_staff(pk: int) -> Contact:
    return _found(Contact.objects.select_related("client").filter(pk=pk).first(), "contact")


def note_for_staff(pk: int) -> Note:
    return _found(Note.objects.filter(pk=pk).first(), "note")


def invoice_for_staff(pk: int) -> Invoice:
    rows = Invoice.objects.select_related("client__terms", "terms")
    return _found(with_settlement(rows).filter(pk=pk).first(), "invoice")


def recurring_for_staff(pk: int) -> RecurringInvoice:
    rows = RecurringInvoice.objects.select_related("client__terms", "client__account_manager", "terms")
    return _found(with_state(rows).filter(pk=pk).first(), "recurring invoice")


def recurring_line_for_staff(pk: int) -> RecurringLine:
    return _found(RecurringLine.objects.select_related("recurring").filter(pk=pk).first(), "line")


def receipt_for_staff(pk: int) -> Receipt:
    return _found(Receipt.objects.select_related("client").filter(pk=pk).first(), "receipt")


def allocation_for_staff(pk: int) -> Allocation:
    return _found(
        Allocation.objects.select_related("receipt", "credit_note", "invoice").filter(pk=pk).first(), "allocation"
    )


def charge_for_staff(pk: int) -> Charge:
    return _found(Charge.objects.select_related("invoice__client", "document").filter(pk=pk).first(), "charge")


def credit_note_for_staff(pk: int) -> CreditNote:
    return _found(CreditNote.objects.select_related("client", "invoice").filter(pk=pk).first(), "credit note")


def write_off_for_staff(pk: int) -> WriteOff:
    rows = WriteOff.objects.select_related("invoice__client", "asked_by", "decided_by")
    return _found(rows.filter(pk=pk).first(), "write-off")


def refund_for_staff(pk: int) -> Refund:
    rows = Refund.objects.select_related("client", "receipt", "credit_note", "asked_by", "decided_by")
    return _found(rows.filter(pk=pk).first(), "refund")


def discount_for_staff(pk: int) -> Discount:
    rows = Discount.objects.select_related("invoice__client", "decided_by")
    return _found(rows.filter(pk=pk).first(), "settlement discount")


def settlement_for_staff(pk: int) -> Settlement:
    rows = Settlement.objects.select_related("client", "asked_by", "decided_by")
    return _found(rows.filter(pk=pk).first(), "settlement")


def plan_for_staff(pk: int) -> PaymentPlan:
    rows = PaymentPlan.objects.select_related("client__account_manager", "asked_by", "decided_by", "replaces")
    return _found(rows.filter(pk=pk).first(), "payment plan")


def dispute_for_staff(pk: int) -> Dispute:
    return _found(Dispute.objects.select_related("invoice__client").filter(pk=pk).first(), "dispute")


def block_for_staff(pk: int) -> DunningBlock:
    return _found(DunningBlock.objects.filter(pk=pk).first(), "block")


def user_for_staff(pk: int) -> User:
    return _found(User.objects.prefetch_related("groups").filter(pk=pk).first(), "user")


def terms_for_staff(pk: int) -> PaymentTerms:
    return _found(PaymentTerms.objects.filter(pk=pk).first(), "payment terms")


def _found(row: T | None, what: str) -> T:
    if row is None:
        raise Http404(f"There is no such {what}.")
    return row
