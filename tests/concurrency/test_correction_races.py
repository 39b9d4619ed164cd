"""Two corrections at once, on real locks: an invoice is never credited above its total, nor written off twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet, Sum

from invoices.errors import LedgerError
from invoices.models import Client, CreditNote, Invoice, WriteOff
from invoices.queries.ledger import ledger_differences
from invoices.rules.crediting import ByAmount
from invoices.services import credit_notes, refunds, write_offs
from invoices.services.credit_notes import issue_credit_note
from invoices.services.refunds import NewRefund, refund_receipt
from invoices.services.write_offs import NewWriteOff, ask_write_off
from tests.builders import a_receipt, an_invoice, an_organisation, slowco

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def client() -> Client:
    an_organisation(currency="GBP")
    return slowco()


@pytest.fixture
def invoice(client: Client) -> Invoice:
    """100.00, paid: whatever is credited goes on account, where no CHECK of the invoice stops it."""
    invoice = an_invoice(client)
    a_receipt(client, "100.00", pays=invoice)
    return invoice


def twice_at_once(job: Callable[[], Any]) -> list[Exception]:
    """What two threads, each with a connection of its own, raised."""
    raised: list[Exception] = []
    ready = threading.Barrier(2)

    def run() -> None:
        ready.wait(20)
        try:
            job()
        except Exception as exc:
            raised.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


@contextmanager
def meeting_after(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> Iterator[None]:
    """Who has called `module.name` waits for the other; with the lock he is alone and goes on after a moment."""
    real, barrier = getattr(module, name), threading.Barrier(2)

    def met(*args: Any, **kwargs: Any) -> Any:
        answer = real(*args, **kwargs)
        try:
            barrier.wait(1.5)
        except threading.BrokenBarrierError:
            return answer
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(module, name, met)
        yield


def credit_twice(invoice: Invoice) -> list[Exception]:
    what = ByAmount(Decimal(70))
    return twice_at_once(lambda: issue_credit_note(invoice.pk, what=what, reason="Returned", actor="Fay"))


def credited() -> Decimal:
    return CreditNote.objects.aggregate(sum=Sum("total_amount"))["sum"]


def test_two_credit_notes_at_once_stay_within_the_invoice(invoice, monkeypatch):
    with meeting_after(monkeypatch, credit_notes, "creditable"):
        raised = credit_twice(invoice)
    assert [isinstance(exc, LedgerError) for exc in raised] == [True]
    assert (credited(), list(ledger_differences())) == (Decimal(70), [])


def test_control_without_locks_the_invoice_is_credited_above_its_total(invoice, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self)
    series = iter(range(1, 9))
    monkeypatch.setattr(credit_notes, "take_number", lambda code: f"CN-{next(series)}")
    with meeting_after(monkeypatch, credit_notes, "creditable"):
        assert credit_twice(invoice) == []
    assert credited() == Decimal(140)
    assert any("credited above its total" in str(found) for found in ledger_differences())


def test_two_write_offs_at_once_stay_within_what_is_open(client, monkeypatch):
    invoice = an_invoice(client)
    with meeting_after(monkeypatch, write_offs, "_check"):
        raised = twice_at_once(lambda: ask_write_off(invoice.pk, NewWriteOff(Decimal(100)), actor="Fay"))
    assert [isinstance(exc, LedgerError) for exc in raised] == [True]
    assert (WriteOff.objects.count(), list(ledger_differences())) == (1, [])


def test_two_refunds_at_once_pay_once(client, monkeypatch):
    receipt = a_receipt(client, "100.00")
    with meeting_after(monkeypatch, refunds, "_check"):
        raised = twice_at_once(lambda: refund_receipt(receipt.pk, NewRefund(Decimal(100), "Twice"), actor="Fay"))
    receipt.refresh_from_db()
    assert ([isinstance(exc, LedgerError) for exc in raised], receipt.unapplied_amount) == ([True], 0)
