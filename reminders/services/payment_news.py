"""Tell what happened to online payments: the client by mail where it is his to know, staff by a task, each once.

A dispute of a card payment never becomes a letter by itself: its items are blocked until a person has decided.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Model, Value
from django.utils.timezone import localdate

from invoices.errors import LedgerError
from invoices.gateways.card_records import CardProcessorError
from invoices.models import Invoice, Payment, PaymentStatus, ProcessorDispute, ProcessorRefund
from invoices.queries.payments import overdue_on_their_way
from invoices.rules.card_disputes import CLOSED, HARMLESS, TAKES_EVIDENCE, stage
from invoices.rules.money import plain
from invoices.rules.payment_ways import is_debit
from invoices.services.audit import record
from invoices.services.ledger import lock_client
from invoices.services.payments import close_page

from ..answering import AnswerLine
from ..models import AcknowledgementKind, BlockReason, DunningBlock, TaskKind
from ..queries import payment_news
from .answers import write_answer
from .blocks import add_block, lift_block
from .tasks import add_to_task, settle_task

log = logging.getLogger(__name__)
ACTOR = "worker"
MOST_AT_ONCE = 200
# While one of these is in force the money goes another way (an administrator, a lawyer, an agency).
NO_PAYING = (BlockReason.INSOLVENCY, BlockReason.LEGAL, BlockReason.DECEASED, BlockReason.PLACED)
NOTE = "Card payment disputed; lift this when it is decided. "


def tell_payments() -> int:
    """All news that nobody was told of; returns how many. Safe to run twice: each is remembered as it is told."""
    told = _each(payment_news.failed_late, payment_news.FAILED, _failed)
    told += _each(payment_news.paid_too_much, payment_news.SURPLUS, _too_much)
    told += _each(payment_news.disputes_untold, "", _disputed)
    told += _each(payment_news.refunds_failed, payment_news.REFUND, _refund_failed)
    waiting = overdue_on_their_way()
    return told + sum(_still_on_its_way(payment) for payment in waiting[:MOST_AT_ONCE])


def close_blocked_pages(today: date) -> int:
    """Pages on which a client could pay although a block in force says that he should not. Returns how many."""
    blocks = DunningBlock.objects.filter(reason__in=NO_PAYING, lifted_at__isnull=True, invoice__isnull=True)
    blocked = {block.client_id for block in blocks if block.is_in_force(today)}
    pages = Payment.objects.filter(client__in=blocked, status=PaymentStatus.OPEN)
    closed = 0
    for pk in pages.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE]:
        try:
            close_page(pk)
            closed += 1
        except (CardProcessorError, LedgerError) as error:
            log.warning("The page of payment %s was not closed: %s", pk, error)
    return closed


def _each(news: Callable[[], Any], topic: str, tell: Callable[[Any], str]) -> int:
    """Each under the client's lock, looked at again there: two workers tell it once."""
    return sum(_once(row, news, topic, tell) for row in list(news()[:MOST_AT_ONCE]))


@transaction.atomic
def _once(found: Model, news: Callable[[], Any], topic: str, tell: Callable[[Any], str]) -> bool:
    payment: Payment = found if isinstance(found, Payment) else found.payment
    lock_client(payment.client_id)
    row = news().filter(pk=found.pk).first()
    if row is None:
        return False
    verb = payment_news.TOLD + (topic or row.status)  # of a dispute, each state is told once
    record(verb, row, actor=ACTOR, client_id=payment.client_id, text=tell(row))
    return True


def _failed(payment: Payment) -> str:
    """Dunning goes on by itself; the client hears of it in a mail of its own first."""
    facts = {
        "amount": payment.amount,
        "currency": payment.currency,
        "first_on": localdate(payment.created_at),
        "reason": payment.failure.rstrip("."),
        "lines": _open_lines(payment),
    }
    kind = AcknowledgementKind.PAYMENT_FAILED
    row = write_answer(payment.client, kind, f"payment_failed:{payment.pk}", payment.contact, facts)
    text = f"Payment of {_figures(payment)} failed: {payment.failure or 'no reason given'}"
    if row is None:
        add_to_task(payment.client_id, TaskKind.PAYMENT_FAILED, due_on=localdate(), text=f"{text} Nobody to write to.")
    return text


def _too_much(payment: Payment) -> str:
    left = plain(payment.receipt.unapplied_amount, payment.currency)
    text = f"{left} {payment.currency} of an online payment is on account: less was open when it came."
    add_to_task(payment.client_id, TaskKind.ALLOCATE, due_on=localdate(), text=text)
    return text


def _disputed(dispute: ProcessorDispute) -> str:
    """A debit that came back is told to the client; a dispute of a card is for people, with its deadline."""
    figures = f"{plain(dispute.amount, dispute.currency)} {dispute.currency}"
    why = f" ({dispute.reason})" if dispute.reason else ""
    if is_debit(dispute.payment.method):
        return _returned(dispute, f"{figures} of a direct debit went back{why}.")
    text = f"{stage(dispute.status).label}: {figures}{why}."
    if dispute.status in CLOSED & HARMLESS:
        _let_go(dispute, text)
        return text
    due_on = localdate()
    if dispute.status in TAKES_EVIDENCE and dispute.answer_by:
        due_on = localdate(dispute.answer_by)
        text += f" Answer by {due_on:%d %B %Y}."
    add_to_task(dispute.payment.client_id, TaskKind.CARD_DISPUTE, due_on=due_on, text=text)
    _block(dispute)
    return text


def _block(dispute: ProcessorDispute) -> None:
    """No reminder about its items until a person has decided, also when the dispute is lost."""
    note = f"{NOTE}{dispute.dispute_id}"
    known = set(DunningBlock.objects.filter(note=note).values_list("invoice_id", flat=True))
    for invoice in _invoices(dispute.payment):
        if invoice.pk not in known:
            add_block(invoice.client, reason=BlockReason.MANUAL, last_on=None, actor=ACTOR, invoice=invoice, note=note)


def _let_go(dispute: ProcessorDispute, outcome: str) -> None:
    """The money is here, and nothing stands in the way any more."""
    settle_task(dispute.payment.client_id, TaskKind.CARD_DISPUTE, outcome)
    blocks = DunningBlock.objects.filter(lifted_at__isnull=True, note=f"{NOTE}{dispute.dispute_id}")
    for block in blocks.order_by("pk"):
        lift_block(block.pk, actor=ACTOR)


def _returned(dispute: ProcessorDispute, text: str) -> str:
    payment: Payment = dispute.payment
    lines = _open_lines(payment)
    facts = {
        "amount": dispute.amount,
        "currency": dispute.currency,
        "first_on": payment.receipt.received_on if payment.receipt else localdate(payment.created_at),
        "reason": dispute.reason,
        "lines": lines,
    }
    kind = AcknowledgementKind.PAYMENT_RETURNED
    write_answer(payment.client, kind, f"payment_returned:{dispute.pk}", payment.contact, facts)
    if lines:
        text += f" Open again: {', '.join(line.number for line in lines)}."
    add_to_task(payment.client_id, TaskKind.RETURNED_PAYMENT, due_on=localdate(), text=text)
    return text


def _refund_failed(row: ProcessorRefund) -> str:
    figures = f"{plain(row.refund.amount, row.refund.currency)} {row.refund.currency}"
    why = f": {row.failure}" if row.failure else ""
    text = f"The refund of {figures} failed{why} The money is on account; refund it in another way."
    add_to_task(row.payment.client_id, TaskKind.DECIDE, due_on=localdate(), text=text)
    return text


@transaction.atomic
def _still_on_its_way(payment: Payment) -> bool:
    """Reminders go on from here; whoever looks may find the money, or ask the processor."""
    lock_client(payment.client_id)
    found = Payment.objects.filter(pk=payment.pk, status=PaymentStatus.PROCESSING)
    if not payment_news.untold(found, Value(payment_news.LATE)).exists():
        return False
    text = f"{_figures(payment)} by {payment.method or 'bank debit'} is on its way since "
    text += f"{localdate(payment.created_at):%d %B %Y}, longer than it may take. Ask the card processor."
    add_to_task(payment.client_id, TaskKind.FIND_PAYMENT, due_on=localdate(), text=text)
    record(payment_news.TOLD + payment_news.LATE, payment, actor=ACTOR, client_id=payment.client_id, text=text)
    return True


def _invoices(payment: Payment) -> list[Invoice]:
    rows = Invoice.objects.filter(payment_lines__payment=payment).select_related("client")
    return list(rows.order_by("due_on", "pk"))


def _open_lines(payment: Payment) -> list[AnswerLine]:
    return [AnswerLine(str(i), i.open_amount) for i in _invoices(payment) if i.open_amount > 0]


def _figures(payment: Payment) -> str:
    return f"{plain(payment.amount, payment.currency)} {payment.currency}"
