"""The page to pay on: one per payment, at the card processor or on the built-in test page."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ..errors import LedgerError, PaymentRefused, PaymentUnavailable
from ..gateways.card_records import (
    CardProcessorError,
    CardProcessorUnavailable,
    CheckoutLine,
    CheckoutRequest,
    CheckoutSession,
)
from ..models import Client, Payment, PaymentStatus, SettlementStatus
from ..queries.payments import (
    UNFINISHED,
    WAITING_FOR_PAYER,
    are_payments_real,
    can_pay_online,
    on_account_of,
    plan_of,
)
from ..rules.money import ZERO
from .ledger import lock_client
from .payments import NewPayment, check_plan, close_page, give_up, start_payment, sync
from .processors import BANK_BUTTONS, PAYER_BUTTONS, press, processor_for

log = logging.getLogger(__name__)

PAGE_LIFE = timedelta(hours=3)  # Stripe takes 30 minutes to 24 hours
SILENT = "The payment service does not answer at the moment. Nothing was charged; try again in a few minutes."
REFUSED = "The payment page could not be opened. Nothing was charged; pay by bank transfer or ring us."


def pay(client: Client, new: NewPayment) -> Payment:
    """Start the payment and open its page; `session_url` of the result is where the payer goes on.

    The result may be paid already, when the payer was faster in another tab: look at its status.
    Raises PaymentRefused (the plan) or PaymentUnavailable (silence); both say what to do.
    """
    return open_checkout(start_payment(client, new).pk)


def open_checkout(payment_id: int) -> Payment:
    """Steps: 1. an open page is asked how it stands, 2. other open pages of this client are closed,
    3. the plan is checked again, 4. the page is made, with no lock held, 5. its address is kept.
    """
    try:
        payment = sync(payment_id)
        if payment.session_id:
            return _if_still_right(payment)
        _close_others(payment)
    except CardProcessorError as error:
        raise PaymentUnavailable(SILENT) from error
    _still_payable(payment_id)
    session = _ask_for_page(payment)
    return _keep_page(payment_id, session)


def _if_still_right(payment: Payment) -> Payment:
    """An open page whose invoices were paid otherwise meanwhile is closed instead of shown."""
    if payment.status == PaymentStatus.OPEN:
        try:
            _still_payable(payment.pk)
        except PaymentRefused:
            close_page(payment.pk)
            raise
    return payment


def _close_others(payment: Payment) -> None:
    """One open page per client and currency: what is paid on one cannot be paid again on another."""
    others = Payment.objects.filter(
        client=payment.client_id, currency=payment.currency, status__in=WAITING_FOR_PAYER
    ).exclude(pk=payment.pk)
    for other_id in others.order_by("pk").values_list("pk", flat=True):
        close_page(other_id)


@transaction.atomic(durable=True)
def _still_payable(payment_id: int) -> None:
    """The payer may have paid on the page that was closed just now."""
    payment = Payment.objects.get(pk=payment_id)
    client = lock_client(payment.client_id)
    check_plan(client, payment.currency, plan_of(payment), on_account_of(payment))
    if payment.settlement_id and payment.settlement.status != SettlementStatus.OFFERED:
        raise PaymentRefused("This offer is over or was taken back. Look below for what is owed, or ask us.")


def _ask_for_page(payment: Payment) -> CheckoutSession:
    """A page that was not made leaves a cancelled row: nobody has its address, and the next try is a new row."""
    try:
        return processor_for(payment).create_checkout(_request(payment))
    except CardProcessorUnavailable as error:
        give_up(payment.pk, str(error))
        raise PaymentUnavailable(SILENT) from error
    except CardProcessorError as error:
        give_up(payment.pk, str(error))
        raise PaymentRefused(REFUSED) from error


def _request(payment: Payment) -> CheckoutRequest:
    """The same for each try, since the processor compares: everything in it is stored, the time limit included."""
    own_page = f"{settings.SITE_URL}/p/payments/{payment.uuid}/"
    found = payment.lines.select_related("invoice").order_by("invoice_id")
    lines = [CheckoutLine(f"Invoice {line.invoice}", line.amount) for line in found if line.amount > ZERO]
    if rest := on_account_of(payment):
        lines.append(CheckoutLine("On account", rest))
    return CheckoutRequest(
        payment_uuid=str(payment.uuid),
        currency=payment.currency,
        lines=tuple(lines),
        success_url=f"{own_page}?session={{CHECKOUT_SESSION_ID}}",
        cancel_url=own_page,
        client_reference=payment.client.code,
        email=payment.contact.email if payment.contact else "",
        locale=payment.client.language,
        expires_at=(payment.created_at + PAGE_LIFE).replace(microsecond=0),
    )


def _keep_page(payment_id: int, session: CheckoutSession) -> Payment:
    with transaction.atomic(durable=True):
        payment = Payment.objects.select_for_update().get(pk=payment_id)
        is_wanted = payment.status in WAITING_FOR_PAYER
        Payment.objects.filter(pk=payment_id).update(
            session_id=session.id,
            session_url=session.url,
            changed_at=timezone.now(),
            **({"status": PaymentStatus.OPEN} if is_wanted else {}),
        )
    if is_wanted:
        payment.refresh_from_db()
        return payment
    # Another tab replaced this payment, or paid it, while its page was being made.
    payment = close_page(payment_id)
    if payment.status in (PaymentStatus.SUCCEEDED, PaymentStatus.PROCESSING):
        return payment
    raise PaymentRefused("You started another payment in the meantime; go on there, or start again.")


def look_again(payment: Payment) -> Payment:
    """The payer is back from the page: ask once, so that he sees what is true now. Silence leaves it to the worker."""
    if payment.status not in UNFINISHED:
        return payment
    try:
        return sync(payment.pk)
    except (CardProcessorError, LedgerError) as error:
        log.warning("Payment %s was not looked up on return: %s", payment, error)
        return payment


def press_test_button(payment: Payment, button: str) -> Payment:
    """What a payer or his bank does on the test page; the books then move by the same `sync` as for real money.

    Raises PaymentRefused for a payment with real money, or a button that the page does not have.
    """
    if not payment.is_test or are_payments_real() or not can_pay_online() or button not in PAYER_BUTTONS + BANK_BUTTONS:
        raise PaymentRefused("This is not a test payment.")
    press(payment.session_id, button)
    return sync(payment.pk)
