"""The worked dates of design/money.md."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoices.rules.terms import Terms, TermsForm, discount_date, due_date

NET, THEN_EOM = TermsForm.NET, TermsForm.NET_THEN_EOM
EOM_THEN, FIXED_DAY = TermsForm.EOM_THEN_NET, TermsForm.DAY_OF_NEXT_MONTH


@pytest.mark.parametrize(
    ("terms", "issued_on", "due_on"),
    [
        (Terms(NET, 30), "2026-01-15", "2026-02-14"),
        (Terms(NET, 0), "2026-01-15", "2026-01-15"),
        (Terms(NET, 30), "2028-01-30", "2028-02-29"),
        (Terms(THEN_EOM, 30), "2026-01-15", "2026-02-28"),
        (Terms(THEN_EOM, 0), "2026-01-31", "2026-01-31"),
        (Terms(EOM_THEN, 30), "2026-01-15", "2026-03-02"),
        (Terms(EOM_THEN, 0), "2028-02-01", "2028-02-29"),
        (Terms(FIXED_DAY, day_of_month=15), "2026-01-15", "2026-02-15"),
        (Terms(FIXED_DAY, day_of_month=31), "2026-01-31", "2026-02-28"),
        (Terms(FIXED_DAY, day_of_month=31), "2028-01-31", "2028-02-29"),
        (Terms(FIXED_DAY, day_of_month=1), "2026-12-31", "2027-01-01"),
        (Terms(FIXED_DAY), "2026-03-10", "2026-04-30"),
    ],
)
def test_due_date_of_each_form(terms, issued_on, due_on):
    assert due_date(terms, date.fromisoformat(issued_on)) == date.fromisoformat(due_on)


@pytest.mark.parametrize(("days", "last_day"), [(10, date(2026, 1, 25)), (0, date(2026, 1, 15)), (None, None)])
def test_discount_runs_to_its_last_day(days, last_day):
    assert discount_date(Terms(NET, 30, discount_days=days), date(2026, 1, 15)) == last_day


@given(
    form=st.sampled_from(TermsForm),
    days=st.integers(0, 180),
    day=st.integers(1, 31),
    issued_on=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_no_invoice_falls_due_before_it_is_issued(form, days, day, issued_on):
    assert due_date(Terms(form, days, day), issued_on) >= issued_on
