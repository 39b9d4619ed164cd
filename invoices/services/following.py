"""What follows from money that moved on an invoice, in the transaction that moved it: discounts and settlements."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from ..models import Client, Invoice
from .audit import Actor
from .discounts import follow_discount
from .settling import follow_settlements


def follow_money(client: Client, invoices: Collection[Invoice], *, on: date, actor: Actor) -> None:
    """`client` is whose invoices they are. The caller holds his lock, and has posted its own entries."""
    for invoice in sorted(invoices, key=lambda one: one.pk):
        if invoice.discount_percent:
            follow_discount(client, invoice.pk, on=on, actor=actor)
    follow_settlements([invoice.pk for invoice in invoices], on=on, actor=actor)
