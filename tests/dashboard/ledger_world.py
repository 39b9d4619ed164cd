"""What the tests of the ledger pages start from: two clients, invoices in every state, a receipt partly on account."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.utils.timezone import localdate

from collections_app.models import User
from invoices.models import Client, Dispute, Invoice, PaymentTerms, Receipt
from invoices.rules.allocation import Share
from invoices.services.disputes import open_dispute
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from invoices.services.receipts import NewReceipt, record_receipt
from tests import builders


class World(NamedTuple):
    fay: User
    acme: Client
    slowco: Client
    draft: Invoice
    overdue: Invoice
    disputed: Invoice
    receipt: Receipt
    dispute: Dispute
    terms: PaymentTerms


def a_world() -> World:
    """Slowco owes 1,200.00 (overdue, 200.00 paid of it) and 600.00 (disputed), has 50.00 on account and a draft."""
    fay = builders.fay()
    fay.groups.set([Group.objects.get(name="Manager")])
    acme, slowco = builders.acme(), builders.slowco()
    overdue = an_invoice(slowco, "1000", days_late=10, actor=fay)
    disputed = an_invoice(slowco, "500", days_late=40, actor=fay)
    draft = draft_invoice(slowco, NewInvoice("GBP", localdate()), [a_line("80")], actor=fay)
    receipt = record_receipt(
        slowco,
        NewReceipt(Decimal(250), "GBP", localdate(), reference="TRF 1"),
        shares=[Share(overdue.pk, Decimal(200))],
        actor=fay,
    )
    dispute = open_dispute(disputed.pk, amount=Decimal(100), reason="price", opened_by="Ann Lee", actor=fay)
    terms = PaymentTerms.objects.get(is_default=True)
    return World(fay, acme, slowco, draft, overdue, disputed, receipt, dispute, terms)


def a_line(price: str) -> NewLine:
    return NewLine("Repairs", Decimal(1), Decimal(price), tax_rate=Decimal(20))


def an_invoice(client: Client, price: str, *, days_late: int, actor: Any) -> Invoice:
    """Issued, with 20 % tax on the price, due so many days ago."""
    due_on = localdate() - timedelta(days=days_late)
    new = NewInvoice("GBP", due_on - timedelta(days=30), due_on)
    return issue_invoice(draft_invoice(client, new, [a_line(price)], actor=actor).pk, actor=actor)


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser
