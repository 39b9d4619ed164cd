from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.statement import Movement, statement

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
MOVEMENTS = [
    Movement(date(2026, 5, 20), "Invoice", "INV-1", D(100)),
    Movement(date(2026, 6, 1), "Invoice", "INV-2", D(50)),
    Movement(date(2026, 6, 30), "Receipt", "R-1", D(-120)),
    Movement(date(2026, 7, 1), "Invoice", "INV-3", D(70)),
]


def test_balance_is_carried_forward_and_both_days_count():
    found = statement(MOVEMENTS, *JUNE)
    assert (found.opening, found.closing) == (D(100), D(30))
    assert [row.balance for row in found.rows] == [D(150), D(30)]


def test_what_was_invoiced_and_credited():
    found = statement(MOVEMENTS, *JUNE)
    assert (found.invoiced, found.credited) == (D(50), D(120))


def test_a_period_upside_down_is_refused():
    with pytest.raises(ValueError, match="before it begins"):
        statement([], JUNE[1], JUNE[0])


days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
moves = st.lists(st.builds(Movement, days, st.just("x"), st.just("y"), st.decimals(-999, 999, places=2)), max_size=30)


@given(moves, days)
def test_two_halves_of_a_year_carry_over(movements, middle):
    whole = statement(movements, date(2026, 1, 1), date(2026, 12, 31))
    first = statement(movements, date(2026, 1, 1), middle)
    assert first.opening == 0
    assert whole.closing - first.closing == sum((m.amount for m in movements if m.on > middle), D(0))
