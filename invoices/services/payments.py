"""A client pays online: start, open the page to pay on, and make our books equal to what the processor says.

Steps: `start_payment` writes the row and its plan under the client's lock; `open_checkout` asks the processor for the
page, with no lock held; `sync` is told by a webhook, the return page or the poll to look, and pulls the truth. An event
is only a hint, so order, repetition, delay and loss of events do not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.timezone import localdate

from ..errors import PaymentRefused
from ..gateways.card_records import CardRequestRefused, PaymentState
from ..models import Client, Contact, Invoice, InvoiceStatus, Payment, PaymentLine, PaymentStatus
from ..queries.payments import (
    WAITING_FOR_PAYER,
    amounts_on_their_way,
    are_payments_real,
    can_pay_online,
    plan_of,
    same_plan,
)
from ..rules.allocation import Share
from ..rules.minor_units import AmountNotChargeable, check_chargeable
from ..rules.money import ZERO, is_whole, plain
from .audit import record
from .ledger import lock_client, lock_clients, wake
from .payment_books import settle
from .processor_disputes import follow_disputes
from .processor_refunds import follow_refunds
from .processors import processor_for
from .reversals import concerned

MOST_PAYMENTS_AN_HOUR = 20
# How long the same plan comes back to the same page. Well inside the life of the page itself (checkout.PAGE_LIFE).
REUSED_FOR = timedelta(hours=1)
MOST_QUESTIONS = 5
ACTOR = "card processor"


class NewPayment(NamedTuple):
    """What a payer wants to pay: parts of open items, all in `currency`, and money on account.

    `settlement_id` or `plan_id`: the offer that it accepts, or the payment plan whose instalment it is.
    """

    currency: str
    shares: Sequence[Share]
    contact: Contact | None = None
    on_account: Decimal = ZERO
    settlement_id: int | None = None
    plan_id: int | None = None


@transaction.atomic(durable=True)
def start_payment(client: Client, new: NewPayment) -> Payment:
    """The payment row with its plan, or the one that is waiting with the same plan already. No money moves here.

    Raises PaymentRefused, with a sentence for the payer, for a plan that cannot be paid online as it is.
    """
    if not can_pay_online():
        raise PaymentRefused("Online payment is not set up here; please pay by bank transfer.")
    client = lock_client(client.pk)
    amount = check_plan(client, new.currency, new.shares, new.on_account)
    now = timezone.now()
    waiting = Payment.objects.filter(client=client, currency=new.currency, status__in=WAITING_FOR_PAYER)
    for found in waiting.filter(created_at__gt=now - REUSED_FOR, is_test=not are_payments_real()):
        if found.amount == amount and same_plan(plan_of(found), new.shares):
            return found
    if Payment.objects.filter(client=client, created_at__gt=now - timedelta(hours=1)).count() >= MOST_PAYMENTS_AN_HOUR:
        raise PaymentRefused(
            f"{MOST_PAYMENTS_AN_HOUR} payments were started within an hour; wait a while or pay by bank transfer."
        )
    payment = Payment.objects.create(
        client=client,
        contact=new.contact,
        amount=amount,
        currency=new.currency,
        is_test=not are_payments_real(),
        settlement_id=new.settlement_id,
        plan_id=new.plan_id,
    )
    PaymentLine.objects.bulk_create(
        PaymentLine(payment=payment, invoice_id=share.invoice_id, amount=share.amount) for share in new.shares
    )
    _audit(payment, "payment_started", f"Online payment of {_words(payment)} started")
    return payment


def check_plan(client: Client, currency: str, shares: Sequence[Share], on_account: Decimal = ZERO) -> Decimal:
    """The sum of a plan that can be paid now. Raises PaymentRefused. The caller holds the client's lock."""
    if not shares and not on_account:
        raise PaymentRefused("Choose at least one invoice to pay.")
    if not on_account.is_finite() or on_account < 0 or not is_whole(on_account, currency):
        raise PaymentRefused(f"{on_account} is not an amount that can be paid in {currency}; enter one above 0.")
    invoices = {i.pk: i for i in Invoice.objects.filter(client=client, pk__in=[s.invoice_id for s in shares])}
    on_their_way = amounts_on_their_way([client.pk])
    if len({s.invoice_id for s in shares}) != len(shares):
        raise PaymentRefused("An invoice is in the list twice; choose it once.")
    for share in shares:
        _check_share(invoices.get(share.invoice_id), currency, share, on_their_way.get(share.invoice_id, ZERO))
    amount = sum((share.amount for share in shares), on_account)
    try:
        check_chargeable(amount, currency)
    except AmountNotChargeable as error:
        raise PaymentRefused(str(error)) from error
    return amount


def _check_share(invoice: Invoice | None, currency: str, share: Share, on_its_way: Decimal) -> None:
    if invoice is None or invoice.status != InvoiceStatus.ISSUED:
        raise PaymentRefused("One of the invoices is not among yours; load the page again.")
    if invoice.currency != currency:
        raise PaymentRefused(f"Invoice {invoice} is in {invoice.currency}; pay each currency on its own.")
    if not share.amount.is_finite() or share.amount <= 0 or not is_whole(share.amount, currency):
        raise PaymentRefused(f"{share.amount} is not an amount that can be paid in {currency}; enter one above 0.")
    payable = invoice.open_amount - on_its_way
    if share.amount > payable:
        raise PaymentRefused(
            f"Invoice {invoice} has {plain(payable, currency)} {currency} left to pay; "
            f"{plain(share.amount, currency)} {currency} is more. Load the page again for the present amounts."
        )


def sync(payment_id: int) -> Payment:
    """Make our books equal to the processor's present state of this payment. Safe at any time, any number of times.

    1. take the next question's number and commit it, 2. ask with no lock held, 3. lock the client and write the answer,
    unless a later question was answered meanwhile: that answer may be older than this one, so ask again.
    Raises CardProcessorUnavailable or CardRequestRefused when there is no answer.
    """
    for _ in range(MOST_QUESTIONS):
        payment = _take_number(payment_id)
        if not payment.session_id:
            return payment
        state = processor_for(payment).retrieve(payment.session_id)
        if apply_answer(payment_id, payment.asked, state):
            break
    return Payment.objects.select_related("receipt", "client").get(pk=payment_id)


def close_page(payment_id: int) -> Payment:
    """Nobody can pay this payment any more, unless he was faster: look at the status of what comes back."""
    payment = _take_number(payment_id)
    if not payment.session_id:
        return give_up(payment_id, "Replaced before the page was opened.")
    state = processor_for(payment).expire(payment.session_id)
    if not apply_answer(payment_id, payment.asked, state):
        return sync(payment_id)
    return Payment.objects.get(pk=payment_id)


@transaction.atomic(durable=True)
def give_up(payment_id: int, why: str) -> Payment:
    """Cancel a payment whose page was never opened: no payer has its address. Others are left as they are."""
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    if payment.status == PaymentStatus.CREATED and not payment.session_id:
        _change(payment, status=PaymentStatus.CANCELLED, failure=why[:300])
        _audit(payment, "payment_cancelled", f"Online payment of {_words(payment)} not opened: {why}")
    return payment


@transaction.atomic(durable=True)
def _take_number(payment_id: int) -> Payment:
    payment = Payment.objects.select_for_update().get(pk=payment_id)
    Payment.objects.filter(pk=payment_id).update(asked=F("asked") + 1)
    payment.asked += 1
    return payment


def _concerned(payment_id: int) -> set[int]:
    """The payer, and the clients whose invoices his money paid: giving it back moves what they owe."""
    payment = Payment.objects.only("client_id", "receipt_id").get(pk=payment_id)
    return {payment.client_id} | (concerned(payment.receipt_id) if payment.receipt_id else set())


@transaction.atomic(durable=True)
def apply_answer(payment_id: int, number: int, state: PaymentState) -> bool:
    """Write the answer to question `number`; False when it has to be asked again: a later one was answered already,
    or the money was allocated to yet another client just before the locks were taken.
    """
    locked = lock_clients(_concerned(payment_id))
    payment = Payment.objects.select_for_update(of=("self",)).select_related("receipt").get(pk=payment_id)
    if number < payment.applied or not _concerned(payment_id) <= locked.keys():
        return False
    client = locked[payment.client_id]
    if state.currency != payment.currency:
        raise CardRequestRefused(f"Payment {payment} is in {payment.currency}, but was answered in {state.currency}.")
    before = payment.status
    _change(
        payment,
        status=PaymentStatus(state.status.value),
        applied=number,
        intent_id=state.intent_id,
        method=state.method,
        failure=state.failure[:300],
        received_amount=state.received,
        refunded_amount=state.refunded,
        withheld_amount=state.withheld,
    )
    follow_refunds(payment, state.refunds)
    follow_disputes(payment, state.disputes)
    settle(client, payment, state)
    if before != payment.status:
        wake([client.pk], localdate())
        _audit(payment, f"payment_{payment.status}", f"Online payment of {_words(payment)}: {_label(payment)}")
    return True


def _change(payment: Payment, **fields: Any) -> None:
    """Writes only what differs, so that asking again leaves no trace beside the number of the question."""
    changed = {name: value for name, value in fields.items() if getattr(payment, name) != value}
    if changed.keys() - {"applied"}:
        changed["changed_at"] = timezone.now()
    if changed:
        Payment.objects.filter(pk=payment.pk).update(**changed)
    for name, value in changed.items():
        setattr(payment, name, value)


def _audit(payment: Payment, verb: str, text: str) -> None:
    who = f"client {payment.contact or payment.client}" if verb == "payment_started" else ACTOR
    record(verb, payment, actor=who[:120], client_id=payment.client_id, text=text)


def _label(payment: Payment) -> str:
    return payment.get_status_display().lower() + (f" ({payment.failure})" if payment.failure else "")


def _words(payment: Payment) -> str:
    return f"{plain(payment.amount, payment.currency)} {payment.currency}"
