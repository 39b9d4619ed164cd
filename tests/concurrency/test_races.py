"""Two at once, on real locks. Each race has a control: the same without the lock goes wrong, so the test can see it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils.timezone import localdate

from invoices.errors import LedgerError
from invoices.models import Client, Invoice, NumberSeries, Receipt
from invoices.queries.ledger import ledger_differences
from invoices.rules.allocation import Share
from invoices.services import issuing, receipts
from invoices.services.issuing import NewInvoice, NewLine, draft_invoice, issue_invoice
from reminders.channels import CHANNELS
from reminders.models import DunningLevel, Notice
from reminders.queries import accounts
from reminders.services import dispatch, dunning_run
from tests.builders import a_procedure, a_receipt, an_invoice, an_organisation, follow, slowco
from tests.fakes.null_channel import NullChannel

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def channel(monkeypatch: pytest.MonkeyPatch) -> NullChannel:
    an_organisation()
    channel = NullChannel()
    monkeypatch.setitem(CHANNELS, "email", channel)
    return channel


@pytest.fixture
def client() -> Client:
    return follow(slowco(), a_procedure())


def at_once(*jobs: Callable[[], Any]) -> list[Exception]:
    """Run each in a thread with a connection of its own; what they raised."""
    raised: list[Exception] = []
    ready = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> None:
        ready.wait(20)
        try:
            job()
        except Exception as exc:
            raised.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


@contextmanager
def meeting(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, parties: int, *, patience: float = 1.5
) -> Iterator[None]:
    """Everyone who calls `module.name` waits after it until all have called it, or `patience` seconds have passed."""
    real, barrier = getattr(module, name), threading.Barrier(parties)

    def met(*args: Any, **kwargs: Any) -> Any:
        answer = real(*args, **kwargs)
        try:
            barrier.wait(patience)
        except threading.BrokenBarrierError:
            return answer  # the others wait at the lock: that is what it is for
        return answer

    with monkeypatch.context() as patch:
        patch.setattr(module, name, met)
        yield


def without_row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda self, **options: self)


# --- eight senders, one notice


def send_by_eight(client: Client) -> None:
    an_invoice(client, days_late=1)
    dunning_run.dunning_run(localdate())
    at_once(*[lambda: dispatch.send_notices(localdate())] * 8)


def test_eight_senders_send_one_mail(client, channel, monkeypatch):
    with meeting(monkeypatch, dispatch, "organisation", 8):
        send_by_eight(client)
    assert len(channel.messages) == 1


def test_control_without_locks_eight_senders_claim_the_same_notice(client, channel, monkeypatch):
    without_row_locks(monkeypatch)
    claims: list[int] = []
    real = dispatch.send_one
    monkeypatch.setattr(dispatch, "send_one", lambda pk, today: claims.append(pk) or real(pk, today))
    # All have found the notice before one takes it; eight connections take a while to open on a busy machine.
    with meeting(monkeypatch, QuerySet, "first", 8, patience=10):
        send_by_eight(client)
    assert len(claims) > 1


# --- a payment while the notice is being sent


def test_payment_while_sending_waits_or_stops_the_mail(client, channel, monkeypatch):
    invoice = an_invoice(client, days_late=1)
    dunning_run.dunning_run(localdate())
    at_once(lambda: dispatch.send_notices(localdate()), lambda: a_receipt(client, "100.00", pays=invoice))
    notice = Notice.objects.get()
    assert (notice.status, len(channel.messages)) in [("cancelled", 0), ("sent", 1)]
    assert list(ledger_differences()) == []


def paid_between_words_and_wire(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    """The payment comes in after the words and their PDFs were made, before they are checked."""
    DunningLevel.objects.update(attaches_invoices=True)
    invoice = an_invoice(client, days_late=1)
    dunning_run.dunning_run(localdate())
    real = dispatch.prepare

    def prepare_then_pay(*args: Any) -> Any:
        prepared = real(*args)
        if not client.receipts.exists():
            at_once(lambda: a_receipt(client, "100.00", pays=invoice))
        return prepared

    monkeypatch.setattr(dispatch, "prepare", prepare_then_pay)
    dispatch.send_notices(localdate())


def test_payment_after_the_words_were_made_stops_the_mail(client, channel, monkeypatch):
    paid_between_words_and_wire(monkeypatch, client)
    assert channel.messages == []
    assert Notice.objects.get().error == "Paid in the meantime."


def test_control_without_the_second_look_the_paid_are_reminded(client, channel, monkeypatch):
    """The first answer stands in for the second, and nobody compares the books."""
    answers: dict[int, Any] = {}
    ask = dispatch.ask_again
    monkeypatch.setattr(dispatch, "ask_again", lambda notice, on: answers.setdefault(notice.pk, ask(notice, on)))
    monkeypatch.setattr(dispatch, "open_books", lambda notice: ())
    paid_between_words_and_wire(monkeypatch, client)
    assert len(channel.messages) == 1


# --- two allocations of one receipt


def allocate_twice(client: Client) -> tuple[Receipt, list[Exception]]:
    one, other = an_invoice(client), an_invoice(client)
    receipt = a_receipt(client, "100.00")
    jobs = [
        lambda pk=invoice.pk: receipts.allocate(receipt.pk, [Share(pk, Decimal(100))], actor="Fay")
        for invoice in (one, other)
    ]
    return receipt, at_once(*jobs)


def test_receipt_is_allocated_once(client, monkeypatch):
    with meeting(monkeypatch, receipts, "_check_share", 2):
        receipt, raised = allocate_twice(client)
    assert [type(exc).__mro__[1] for exc in raised] == [LedgerError]
    receipt.refresh_from_db()
    assert receipt.unapplied_amount == 0
    assert list(ledger_differences()) == []


def test_control_without_the_guarded_update_the_receipt_is_overspent(client, monkeypatch):
    without_row_locks(monkeypatch)
    monkeypatch.setattr("invoices.services.ledger._move_unapplied_amount", lambda receipt, amount: None)
    with meeting(monkeypatch, receipts, "_check_share", 2):
        _, raised = allocate_twice(client)
    assert raised == []
    assert list(ledger_differences()) != []


# --- two numberings


def issue_two(client: Client) -> list[Exception]:
    day = localdate()
    drafts = [
        draft_invoice(client, NewInvoice("GBP", day, day), [NewLine("Planes", Decimal(1), Decimal(5))], actor="Fay")
        for _ in range(2)
    ]
    return at_once(*[lambda pk=draft.pk: issue_invoice(pk, actor="Fay") for draft in drafts])


def test_two_invoices_issued_at_once_get_two_numbers_in_a_row(client, monkeypatch):
    assert issue_two(client) == []
    first = NumberSeries.objects.get(code="invoice").next_value - 2
    expected = [f"INV-{first + n:05d}" for n in range(2)]
    assert sorted(Invoice.objects.values_list("number", flat=True)) == expected


def test_control_without_locks_two_invoices_want_one_number(client, monkeypatch):
    without_row_locks(monkeypatch)
    with meeting(monkeypatch, issuing, "take_number", 2):
        raised = issue_two(client)
    assert ["unique" in str(exc) for exc in raised] == [True]


# --- two runs, one client


def run_twice_at_once(client: Client) -> list[Exception]:
    an_invoice(client, days_late=1)
    return at_once(*[lambda: dunning_run.dunning_run(localdate())] * 2)


def test_two_runs_propose_one_notice(client, monkeypatch):
    with meeting(monkeypatch, dunning_run, "load_accounts", 2):
        assert run_twice_at_once(client) == []
    assert Notice.objects.count() == 1


def test_control_without_locks_only_the_constraint_stops_the_second_notice(client, monkeypatch):
    without_row_locks(monkeypatch)
    with meeting(monkeypatch, dunning_run, "load_accounts", 2):
        raised = run_twice_at_once(client)
    assert ["one_pending_notice_per_client" in str(exc) for exc in raised] == [True]
    assert accounts.load_accounts([client.pk], localdate())[0].pending is not None
