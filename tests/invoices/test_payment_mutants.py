"""Is the machine of `payment_machine` any good? Errors are planted in the product, and it must find each of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from invoices.errors import LedgerError
from invoices.gateways import card_wire
from invoices.models import Payment
from invoices.rules.money import ZERO
from invoices.services import payment_books, payment_events, payments, processor_refunds, refund_requests
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_machine import OnlinePayments

pytestmark = pytest.mark.django_db
# Wrong figures, books that refuse what they were asked to book, rows that the database does not take.
FOUND = (AssertionError, LedgerError, DatabaseError)


def told_wrongly(change: Callable[[Any], Any]) -> Callable[[pytest.MonkeyPatch], None]:
    """The answer of the processor is bent before it is booked."""

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        original = payments.settle
        monkeypatch.setattr(payments, "settle", lambda client, payment, state: original(client, payment, change(state)))

    return plant


def older_answer_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    original, numbers = payments.apply_answer, count(10**6)
    monkeypatch.setattr(payments, "apply_answer", lambda pk, _, state: original(pk, next(numbers), state))


def end_is_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed, expired or succeeded once is never asked about again."""
    original = payment_events.sync

    def sync(payment_id: int) -> Payment:
        payment = Payment.objects.get(pk=payment_id)
        return payment if payment.status in ("failed", "expired", "succeeded") else original(payment_id)

    monkeypatch.setattr(payment_events, "sync", sync)
    monkeypatch.setattr(refund_requests, "sync", sync)


def books_each_answer_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the receipt nor its fingerprint is remembered."""
    book, original = payments.settle, payment_books.record_receipt

    def settle(client: Any, payment: Payment, state: Any) -> None:
        payment.receipt = None
        book(client, payment, state)

    monkeypatch.setattr(payments, "settle", settle)
    monkeypatch.setattr(
        payment_books, "record_receipt", lambda c, new, **how: original(c, new._replace(fingerprint=None), **how)
    )


def money_never_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refund that failed, or a dispute won, is not booked."""
    original = payment_books._refund_entry

    def book(client: Any, receipt: Any, amount: Any, what: str) -> None:
        if amount > ZERO:
            original(client, receipt, amount, what)

    monkeypatch.setattr(payment_books, "_refund_entry", book)


def inquiry_takes_money(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_wire, "HARMLESS", {"won", "prevented"})


def captured_is_received(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank debit on its way has an `amount_captured` already."""
    original = card_wire.payment_state

    def read(session: dict[str, Any], disputes: list[dict[str, Any]]) -> Any:
        intent = session.get("payment_intent") or {}
        charge = intent.get("latest_charge") or {}
        intent["amount_received"] = charge.get("amount_captured", 0)
        return original(session, disputes)

    monkeypatch.setattr("invoices.gateways.cards.payment_state", read)


def poll_reads_no_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payment_events, "_read_events", lambda: None)


def new_name_for_each_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refund is asked for again, after a crash or silence, as another one."""
    numbers = count()
    monkeypatch.setattr(
        refund_requests, "reference_of", lambda row: f"{processor_refunds.reference_of(row)}{next(numbers)}"
    )


def disputes_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payments, "follow_disputes", lambda payment, states: None)


def failing_refunds_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payments, "follow_refunds", lambda payment, states: None)


MUTANTS = [
    older_answer_wins,
    end_is_the_end,
    books_each_answer_anew,
    money_never_comes_back,
    inquiry_takes_money,
    captured_is_received,
    poll_reads_no_events,
    new_name_for_each_try,
    disputes_are_not_kept,
    failing_refunds_are_not_followed,
    pytest.param(told_wrongly(lambda state: replace(state, refunded=ZERO)), id="refunds_are_ignored"),
    pytest.param(told_wrongly(lambda state: replace(state, withheld=ZERO)), id="disputes_take_nothing"),
]


LIVES, STEPS = 40, 25


@pytest.mark.parametrize("plant", MUTANTS)
def test_planted_error_is_found(card_processor, monkeypatch, caplog, plant):  # noqa: F811
    """The same lives each time: a mutant that is found stays found."""
    caplog.set_level("CRITICAL")
    OnlinePayments.fake = card_processor
    plant(monkeypatch)
    with pytest.raises(FOUND):
        live_all(LIVES)


def test_without_an_error_nothing_is_found(card_processor, caplog):  # noqa: F811
    caplog.set_level("CRITICAL")
    OnlinePayments.fake = card_processor
    live_all(3)


def live_all(lives: int) -> None:
    for seed in range(lives):
        live(random.Random(seed))


def live(chance: random.Random) -> None:
    """One life: steps of the machine by chance, then its check. A step that raises ends it."""
    machine = OnlinePayments()
    acts = [
        lambda: machine.start(which={chance.randrange(4)}, part=chance.randint(50, 100)),
        lambda: machine.act(n=chance.randrange(3), what=chance.choice(["pay", "pay", "decline", "pay_later"])),
        lambda: machine.act(n=chance.randrange(3), what="pay"),
        lambda: machine.answer_of_the_bank(n=chance.randrange(3), is_good=chance.random() < 0.7),
        lambda: machine.abandon(n=chance.randrange(3)),
        lambda: machine.refund_at_the_processor(n=chance.randrange(3), part=chance.randint(1, 60)),
        lambda: machine.fail_a_refund(n=chance.randrange(3)),
        lambda: machine.dispute(
            n=chance.randrange(3),
            part=chance.randint(1, 60),
            status=chance.choice(["needs_response", "warning_needs_response", "lost"]),
        ),
        lambda: machine.close_a_dispute(n=chance.randrange(3), is_won=chance.random() < 0.7),
        lambda: machine.undo_by_hand(n=chance.randrange(3)),
        lambda: machine.refund_by_staff(n=0, part=chance.randint(1, 60), is_pending=chance.random() < 0.5),
        lambda: machine.deliver(mode=chance.choice(["shuffle", "double", "lose"]), seed=chance.randrange(10)),
        lambda: machine.trouble(kind=chance.choice(["drop_after", "error_after", "busy"])),
        machine.ask_for_refunds,
        lambda: machine.give_back(n=chance.randrange(3), part=chance.randint(1, 60)),
        lambda: machine.question_on_its_way(n=chance.randrange(3)),
        machine.late_answer,
    ]
    try:
        for _ in range(STEPS):
            chance.choice(acts)()
    except BaseException:
        transaction.set_rollback(True)
        machine.life.__exit__(None, None, None)
        raise
    machine.teardown()
