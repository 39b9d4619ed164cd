"""The cast for online payments: Acme with two open invoices, and what happens to a payment at the card processor."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils.timezone import localdate

from invoices.models import Client, Contact, Invoice, Organisation, Payment
from invoices.rules.allocation import Share
from invoices.services import checkout
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from invoices.services.payments import NewPayment
from tests import builders


def a_client(code: str = "ACME", name: str = "Acme Ltd", currency: str = "EUR") -> Client:
    client = Client.objects.create(code=code, name=name, currency=currency, country="DE")
    mail = f"ap@{code.lower()}.example"
    Contact.objects.create(client=client, name="Ann Lee", first_name="Ann", email=mail, is_primary=True)
    return client


def an_invoice(client: Client, amount: str = "100.00", *, days_late: int = 5, currency: str = "EUR") -> Invoice:
    due_on = localdate() - timedelta(days=days_late)
    new = NewInvoice(currency, due_on - timedelta(days=30), due_on)
    draft = draft_invoice(client, new, [NewLine("Consulting", Decimal(1), Decimal(amount))], actor="Fay")
    return issue_invoice(draft.pk, actor="Fay")


def an_organisation() -> Organisation:
    """Us, with a bank account."""
    account = {"iban": "DE02120300000000202051", "bic": "BYLADEM1001", "account_holder": "Northwind GmbH"}
    return builders.an_organisation(**account)


def plan(*invoices: Invoice, amounts: tuple[str, ...] = ()) -> NewPayment:
    """To pay these invoices in full, or the given parts of them."""
    parts = [Decimal(a) for a in amounts] or [invoice.open_amount for invoice in invoices]
    shares = [Share(invoice.pk, part) for invoice, part in zip(invoices, parts, strict=True)]
    return NewPayment(invoices[0].currency, shares, invoices[0].client.contacts.get())


def pay(*invoices: Invoice, amounts: tuple[str, ...] = ()) -> Payment:
    """The payment with its page open."""
    return checkout.pay(invoices[0].client, plan(*invoices, amounts=amounts))


def open_amounts(*invoices: Invoice) -> list[Decimal]:
    return [Invoice.objects.get(pk=invoice.pk).open_amount for invoice in invoices]
