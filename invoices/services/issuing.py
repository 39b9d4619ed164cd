"""Invoices from draft to issued to void."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localdate

from ..errors import InvalidAmount, LedgerError, NotDraft, NotIssued
from ..models import (
    Client,
    EntryKind,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceStatus,
    LineKind,
    NumberSeries,
    PaymentTerms,
    TaxCategory,
)
from ..queries.documents import prefix_of
from ..queries.schedules import planned, schedule_of, terms_of
from ..rules.invoicing import LineAmounts, line_net, mixture_error, tax_error, totals
from ..rules.money import is_whole, plain
from ..rules.schedule import Schedule, one_sum
from .audit import Actor, record
from .credit import require_credit
from .discounts import offered
from .ledger import Movement, day_for, lock_client, post
from .parts import write_parts


class NewLine(NamedTuple):
    """A line, or a row of an allowance or surcharge on the whole (`rules.adjusting.spread` makes those)."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal = Decimal(0)
    discount_percent: Decimal = Decimal(0)
    tax_category: str = TaxCategory.STANDARD
    unit: str = ""
    kind: str = LineKind.LINE

    @property
    def amounts(self) -> LineAmounts:
        return LineAmounts(
            self.quantity, self.unit_price, self.discount_percent, self.tax_rate, self.tax_category, self.kind
        )


class NewInvoice(NamedTuple):
    """An invoice as entered. Without `due_on` the terms decide: the invoice's, else the client's, else the default."""

    currency: str
    issued_on: date
    due_on: date | None = None
    terms: PaymentTerms | None = None
    reference: str = ""
    text: str = ""
    kind: str = InvoiceKind.INVOICE
    buyer_reference: str = ""
    project: str = ""
    delivered_on: date | None = None


@transaction.atomic
def draft_invoice(client: Client, new: NewInvoice, lines: Sequence[NewLine], *, actor: Actor) -> Invoice:
    """A draft: no number, owes nothing, never chased."""
    invoice = Invoice.objects.create(client=client, **_fields(client, new, lines))
    _write_lines(invoice, lines)
    record("invoice_drafted", invoice, actor=actor, client_id=client.pk, text=f"Draft for {client} made")
    return invoice


@transaction.atomic
def change_draft(invoice_id: int, new: NewInvoice, lines: Sequence[NewLine], *, actor: Actor) -> Invoice:
    """Replace what a draft says. Raises NotDraft for anything else."""
    invoice = Invoice.objects.select_for_update().get(pk=invoice_id)
    _require_draft(invoice)
    Invoice.objects.filter(pk=invoice.pk).update(**_fields(invoice.client, new, lines))
    invoice.lines.all().delete()
    _write_lines(invoice, lines)
    record("invoice_changed", invoice, actor=actor, client_id=invoice.client_id, text="Draft changed")
    invoice.refresh_from_db()
    return invoice


def _fields(client: Client, new: NewInvoice, lines: Sequence[NewLine]) -> dict[str, object]:
    if not lines:
        raise InvalidAmount("An invoice needs at least one line.")
    _require_right_tax(lines)
    terms = None if new.kind == InvoiceKind.CHARGE else terms_of(client, new.terms)
    net, tax, total = totals([line.amounts for line in lines], new.currency)
    if total <= 0:
        raise InvalidAmount(f"An invoice over {total:f} {new.currency} cannot be issued; write a credit note instead.")
    due_on = _plan(client, new, terms, total).due_on
    if due_on < new.issued_on:
        raise LedgerError(f"The due date {due_on:%d %B %Y} is before the invoice date {new.issued_on:%d %B %Y}.")
    amounts = {"net_amount": net, "tax_amount": tax, "total_amount": total}
    return {**new._asdict(), "terms": terms, "due_on": due_on, **amounts, **offered(terms, new.issued_on, due_on)}


def _require_right_tax(lines: Sequence[NewLine]) -> None:
    wrong = [f"{line.description}: {text}" for line in lines if (text := tax_error(line.tax_category, line.tax_rate))]
    if wrong := wrong or list(filter(None, [mixture_error(line.tax_category for line in lines)])):
        raise InvalidAmount(wrong[0])


def _write_lines(invoice: Invoice, lines: Sequence[NewLine]) -> None:
    InvoiceLine.objects.bulk_create(
        InvoiceLine(invoice=invoice, position=n, net_amount=line_net(line.amounts, invoice.currency), **line._asdict())
        for n, line in enumerate(lines, start=1)
    )


def _require_draft(invoice: Invoice) -> None:
    if invoice.status != InvoiceStatus.DRAFT:
        raise NotDraft(f"Invoice {invoice} is {invoice.get_status_display().lower()} and can no longer be changed.")


@transaction.atomic
def issue_invoice(invoice_id: int, *, actor: Actor, over_limit_reason: str = "") -> Invoice:
    """Give a draft its number, without gaps, and owe its total from now on. Immutable afterwards.

    Raises CreditStopped over the client's limit or on credit hold, unless a manager gives an `over_limit_reason`.
    Raises TermsDoNotFit, before a number is taken, when the terms were changed and their parts miss the total.
    """
    client = lock_client(Invoice.objects.only("client_id").get(pk=invoice_id).client_id)
    invoice = Invoice.objects.select_for_update().get(pk=invoice_id)
    _require_draft(invoice)
    require_credit(client, invoice, reason=over_limit_reason, actor=actor)
    _require_tax_number(client, invoice)
    plan = schedule_of(invoice)
    number = take_number(invoice.kind)
    Invoice.objects.filter(pk=invoice.pk).update(status=InvoiceStatus.ISSUED, number=number)
    write_parts(invoice, plan)
    invoice.refresh_from_db()
    _owe(client, invoice, actor=actor)
    return invoice


def _require_tax_number(client: Client, invoice: Invoice) -> None:
    """Where the client owes the tax, his number stands on the document (BR-AE-02, BR-IC-02)."""
    needing = {TaxCategory.REVERSE_CHARGE, TaxCategory.INTRA_COMMUNITY}
    found = set(invoice.lines.values_list("tax_category", flat=True)) & needing
    if found and not client.tax_number:
        words = TaxCategory(found.pop()).label
        raise LedgerError(f"{words}: the invoice has to show {client}'s tax number. Enter it with the client first.")


def take_number(series: str) -> str:
    """The next number of the series, its row locked until the transaction ends: no gaps, no doubles.

    A number that an imported invoice has already is taken, so it is passed over.
    """
    NumberSeries.objects.get_or_create(code=series, defaults={"prefix": prefix_of(series)})
    row = NumberSeries.objects.select_for_update().get(code=series)
    value = row.next_value
    while Invoice.objects.filter(number=(number := f"{row.prefix}{value:0{row.digits}d}")).exists():
        value += 1
    NumberSeries.objects.filter(pk=row.pk).update(next_value=value + 1)
    return number


@transaction.atomic
def record_issued_invoice(client: Client, number: str, new: NewInvoice, total: Decimal, *, actor: Actor) -> Invoice:
    """Take over an invoice that another program issued: its number stands, its lines stay there."""
    if total <= 0 or not is_whole(total, new.currency):
        raise InvalidAmount(f"{total} {new.currency} is not an amount that can be invoiced.")
    client = lock_client(client.pk)
    terms = terms_of(client, new.terms)
    plan = _plan(client, new, terms, total)
    fields = {**new._asdict(), "terms": terms, "due_on": plan.due_on, "number": number, "status": InvoiceStatus.ISSUED}
    fields |= offered(terms, new.issued_on, plan.due_on)
    invoice = Invoice.objects.create(client=client, net_amount=total, total_amount=total, **fields)
    write_parts(invoice, plan)
    _owe(client, invoice, actor=actor)
    return invoice


def _plan(client: Client, new: NewInvoice, terms: PaymentTerms | None, total: Decimal) -> Schedule:
    if new.due_on:
        return one_sum(new.issued_on, new.due_on, total, new.currency)
    return planned(terms, new.issued_on, total, new.currency, client=client)


def _owe(client: Client, invoice: Invoice, *, actor: Actor) -> None:
    issued = Movement(EntryKind.ISSUED, invoice.total_amount, invoice=invoice)
    post(client, [issued], booked_on=invoice.issued_on, actor=actor)
    amount = f"{plain(invoice.total_amount, invoice.currency)} {invoice.currency}"
    record("invoice_issued", invoice, actor=actor, client_id=client.pk, text=f"{invoice} issued over {amount}")
    invoice.refresh_from_db()


@transaction.atomic
def void_invoice(invoice_id: int, *, reason: str, actor: Actor, on: date | None = None) -> Invoice:
    """Take back a draft, or an issued invoice on which nothing was paid. Its number stays used.

    Raises LedgerError for a late charge: that is waived, so that it is not charged again.
    """
    client = lock_client(Invoice.objects.only("client_id").get(pk=invoice_id).client_id)
    invoice = Invoice.objects.select_for_update().get(pk=invoice_id)
    if invoice.status == InvoiceStatus.VOID:
        raise NotIssued(f"Invoice {invoice} is void already.")
    if invoice.itemised_charges.exists():
        raise LedgerError(f"{invoice} is a late charge: waive the charge instead, so that it is not charged again.")
    if invoice.status == InvoiceStatus.ISSUED:
        if invoice.open_amount != invoice.total_amount:
            raise LedgerError(f"Invoice {invoice} is partly paid: undo the allocations first, or write a credit note.")
        if invoice.credit_notes.exists():
            raise LedgerError(f"Invoice {invoice} has a credit note: credit the rest of it instead.")
        voided = Movement(EntryKind.VOIDED, -invoice.open_amount, invoice=invoice)
        # Not before it existed: "as of" any day between would show an invoice that owes less than nothing.
        post(client, [voided], booked_on=day_for(on or localdate(), invoice=invoice), actor=actor)
    Invoice.objects.filter(pk=invoice.pk).update(status=InvoiceStatus.VOID)
    record("invoice_voided", invoice, actor=actor, client_id=client.pk, text=f"{invoice} voided: {reason}")
    invoice.refresh_from_db()
    return invoice
