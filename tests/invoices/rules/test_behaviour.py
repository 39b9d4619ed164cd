from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from invoices.rules.behaviour import Settled, behaviour

ISSUED, DUE = date(2026, 1, 1), date(2026, 1, 31)

# The worked example of the design's metrics.
PAYMENTS = [
    Settled(ISSUED, DUE, date(2026, 1, 20), D(1000), invoice_id=1),
    Settled(ISSUED, DUE, date(2026, 2, 15), D(5000), invoice_id=2),
    Settled(ISSUED, DUE, date(2026, 1, 10), D(500), invoice_id=3),
    Settled(ISSUED, DUE, date(2026, 3, 1), D(1500), invoice_id=3),
]


def test_behaviour_of_the_worked_example():
    found = behaviour(PAYMENTS)
    assert found == (D("42.125"), D(41), D("12.125"), D("14.8125"), D("18.75"))


def test_order_of_payments_does_not_matter():
    assert behaviour(PAYMENTS[::-1]) == behaviour(PAYMENTS)


def test_without_history_there_is_no_behaviour():
    assert behaviour([]) is None
