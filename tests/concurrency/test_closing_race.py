"""Closing a month against a receipt that is just being booked in it: one waits for the other, on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event

import pytest
from django.db import connection, transaction

from invoices.errors import PeriodLocked
from invoices.models import Entry, Organisation
from invoices.services.ledger import locked_through
from invoices.services.periods import close_month
from tests.builders import a_receipt, acme, an_organisation

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

MAY_END, TODAY = date(2026, 5, 31), date(2026, 6, 3)


def aside(pool, work):
    def run():
        try:
            return work()
        finally:
            connection.close()

    return pool.submit(run)


def test_closing_waits_for_a_booking_under_way():
    an_organisation()
    client, is_booked, may_commit = acme(), Event(), Event()

    def book():
        with transaction.atomic():
            a_receipt(client, "40", on=date(2026, 5, 6))
            is_booked.set()
            assert may_commit.wait(10)

    with ThreadPoolExecutor(2) as pool:
        booking = aside(pool, book)
        assert is_booked.wait(10)
        closing = aside(pool, lambda: close_month(MAY_END, actor="Fay", today=TODAY))
        with pytest.raises(TimeoutError):
            closing.result(timeout=1)
        may_commit.set()
        booking.result(timeout=10)
        closing.result(timeout=10)
    assert (Entry.objects.count(), Organisation.objects.get().locked_through) == (1, MAY_END)


def test_booking_waits_for_a_closing_under_way_and_is_refused():
    an_organisation()
    client, is_closed, may_commit = acme(), Event(), Event()

    def close():
        with transaction.atomic():
            close_month(MAY_END, actor="Fay", today=TODAY)
            is_closed.set()
            assert may_commit.wait(10)

    with ThreadPoolExecutor(2) as pool:
        closing = aside(pool, close)
        assert is_closed.wait(10)
        booking = aside(pool, lambda: a_receipt(client, "40", on=date(2026, 5, 6)))
        with pytest.raises(TimeoutError):
            booking.result(timeout=1)
        may_commit.set()
        closing.result(timeout=10)
        with pytest.raises(PeriodLocked):
            booking.result(timeout=10)
    assert not Entry.objects.exists()


def test_without_the_lock_the_booking_would_not_wait():
    """The control: a plain read sees the month open while it is being closed."""
    an_organisation()
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        close_month(MAY_END, actor="Fay", today=TODAY)
        plain = aside(pool, lambda: Organisation.objects.get().locked_through)
        assert plain.result(timeout=5) is None
    assert locked_through_now() == MAY_END


def locked_through_now() -> date | None:
    with transaction.atomic():
        return locked_through()
