"""Settlement discounts: one earned, one a day late that waits for a manager."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from invoices.models import Invoice
from invoices.rules.calendar import is_business_day

from ..company import HOME
from ..stage import Stage

TERMS = "2-10-net30"


def _pay_less(stage: Stage, invoice: Invoice) -> None:
    amount = (invoice.total_amount * Decimal("0.98")).quantize(Decimal("0.01"))
    stage.pay(invoice.client, [(invoice, amount)])


def earned(stage: Stage) -> Iterator[date]:
    invoice = stage.issue(stage.client(), "Archival paper, yearly order", "2500.00", terms=TERMS)
    yield stage.in_days(7)
    _pay_less(stage, invoice)


def a_day_late(stage: Stage) -> Iterator[date]:
    client = stage.client()
    while not is_business_day(HOME, "", stage.in_days(11)):  # so that the bank can book it a day late
        yield stage.in_days(1)
    invoice = stage.issue(client, "Sketchbooks, linen bound", "1180.00", terms=TERMS)
    yield invoice.discount_until + timedelta(days=1)
    _pay_less(stage, invoice)
