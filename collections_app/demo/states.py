"""The rest that a living installation has: drafts, void invoices, online payments, money on account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.db.models import Q

from invoices.models import Allocation, Client, Contact, Invoice, InvoiceStatus, Receipt
from invoices.queries.payments import are_payments_real
from invoices.rules.allocation import Share
from invoices.rules.money import quantise
from invoices.services.audit import Actor
from invoices.services.checkout import pay
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, void_invoice
from invoices.services.payments import NewPayment, sync
from invoices.services.processors import press
from invoices.services.receipts import NewReceipt, record_receipt
from invoices.services.reversals import reverse_receipt
from reminders.models import TaskKind
from reminders.services.portal_answers import promise_from_portal
from reminders.services.tasks import make_task

from . import sayings
from .catalogue import ARTICLES, list_price


def draft(rng: Random, today: date, actor: Actor) -> Invoice:
    """An invoice that somebody began to write."""
    client = rng.choice(list(Client.objects.order_by("id")[:40]))
    tax = Decimal(20) if client.country == "GB" else Decimal(0)
    articles = rng.sample(ARTICLES, 2)
    lines = [NewLine(a.name, Decimal(rng.randint(1, a.most)), list_price(a, client.currency), tax) for a in articles]
    return draft_invoice(client, NewInvoice(client.currency, today, reference="PO to follow"), lines, actor=actor)


def void_one(rng: Random, today: date, stubborn: frozenset[str], actor: Actor) -> None:
    """Take back a young invoice on which nothing was paid."""
    young = Invoice.objects.exclude(client__code__in=stubborn).filter(
        status=InvoiceStatus.ISSUED, issued_on__range=(today - timedelta(days=10), today), notice_lines__isnull=True
    )
    untouched = [one for one in young.order_by("id") if one.open_amount == one.total_amount]
    if untouched:
        void_invoice(rng.choice(untouched).pk, reason=rng.choice(sayings.VOIDED), actor=actor)


def pay_online(items: Sequence[Invoice], buttons: tuple[str, ...]) -> bool:
    """A client pays an item through the portal; what is pressed on the test page decides how it ends.

    Nothing happens, and False is returned, where a real card processor is set up: history must not ring there.
    """
    if are_payments_real() or not items:
        return False
    invoice = items[0]
    contact = invoice.client.contacts.order_by("id").first()
    payment = pay(invoice.client, NewPayment(invoice.currency, [Share(invoice.pk, _open(invoice))], contact))
    for button in buttons:
        press(payment.session_id, button)
    sync(payment.pk)
    return True


def promise_online(items: Sequence[Invoice], promised_on: date) -> None:
    for invoice in items[:1]:
        contact = Contact.objects.filter(client=invoice.client).order_by("id")[0]
        promise_from_portal(contact, [invoice], promised_on=promised_on)


def payable(rng: Random, stubborn: frozenset[str]) -> list[Invoice]:
    """Items of clients with nothing else going on, in random order."""
    items = Invoice.objects.filter(
        open_amount__gt=0,
        disputes__isnull=True,
        client__blocks__isnull=True,
        client__promises__isnull=True,
        payment_lines__isnull=True,
    ).exclude(Q(client__calls__status="open") | Q(client__code__in=stubborn))
    found = list(items.select_related("client").order_by("id"))
    rng.shuffle(found)
    return found


def _open(invoice: Invoice) -> Decimal:
    return quantise(invoice.open_amount, invoice.currency)


def money_on_account(items: Sequence[Invoice], today: date, actor: Actor) -> None:
    """A transfer that names no invoice: somebody has to allocate it."""
    if not items:
        return
    client, amount = items[0].client, _open(items[0])
    new = NewReceipt(amount, items[0].currency, today, reference="Invoice payment, thank you")
    record_receipt(client, new, actor=actor)
    make_task(client.pk, TaskKind.ALLOCATE, due_on=today, text="A transfer names no invoice.")


def bounce_debit(rng: Random, today: date, stubborn: frozenset[str], actor: Actor) -> None:
    """A young receipt goes back to the bank; its invoices are open again."""
    paid = Allocation.objects.filter(allocated_on__gte=today - timedelta(days=12), amount__gt=0, reversed_by=None)
    ids = paid.filter(receipt__reversed_on=None, receipt__payment=None).order_by("receipt_id").values("receipt_id")
    receipts = list(Receipt.objects.filter(pk__in=ids).exclude(client__code__in=stubborn).order_by("id"))
    if receipts:
        reverse_receipt(rng.choice(receipts).pk, reason="Returned by the bank: insufficient funds", actor=actor)
