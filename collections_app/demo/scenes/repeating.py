"""Recurring invoices: one that runs, with a price that will change, and one that is held up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from invoices.models import Client, PaymentTerms, RecurringInvoice
from invoices.rules.instalments import add_months
from invoices.services.clients import change_client
from invoices.services.issuing import NewLine
from invoices.services.recurring import NewRecurring, create_recurring, start_recurring
from invoices.services.recurring_prices import change_price

from ..stage import VAT, Stage


def _written(stage: Stage, client: Client, name: str, first_on: date, price: str) -> RecurringInvoice:
    terms = PaymentTerms.objects.get(code="net14")
    new = NewRecurring(name, "monthly", first_on, client.currency, terms=terms, text="For {period}.")
    line = NewLine(f"{name}, {{period}}", Decimal(1), Decimal(price), VAT)
    recurring = create_recurring(client, new, [line], actor=stage.tom)
    return start_recurring(recurring.pk, today=stage.day, actor=stage.tom)


def every_month(stage: Stage) -> Iterator[date]:
    """Invoiced every month since it began, and mailed; the second was paid last."""
    client = stage.client()
    first_on = add_months(stage.ago(-9), -2)  # the third comes in nine days
    recurring = _written(stage, client, "Service contract", first_on, "320.00")
    for n in range(2):
        yield add_months(first_on, n, first_on.day)
        yield stage.in_days(10)
        invoice = recurring.issues.select_related("invoice").order_by("period_on")[n].invoice
        stage.pay(client, [(invoice, invoice.total_amount)])
    change_price(recurring.pk, 1, Decimal("335.00"), from_on=stage.in_days(60), actor=stage.manager)


def held_up(stage: Stage) -> Iterator[date]:
    """The client went on credit hold before the first date."""
    client = stage.client()
    _written(stage, client, "Studio hire, two half days", stage.in_days(14), "480.00")
    yield stage.in_days(7)
    change_client(client.pk, {"is_credit_hold": True}, actor=stage.manager)
