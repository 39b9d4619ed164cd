"""The inbox of the card processor: webhooks in, worked off by ticks, and a poll for what got lost on the way."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from ..errors import InvalidWebhook, LedgerError
from ..gateways import card_records
from ..gateways.card_records import CardProcessorError, CardProcessorUnavailable
from ..gateways.cards import configured
from ..models import Invoice, Payment, PaymentStatus, ProcessorEvent, SettlementStatus
from ..queries.payments import UNFINISHED, find_payment, plan_of
from .payments import close_page, give_up, sync

log = logging.getLogger(__name__)
OVERLAP = timedelta(seconds=300)  # events may become visible out of order
FIRST_LOOK_BACK = timedelta(days=1)
BOOKMARK = "poll"  # the one row of the inbox that is no event: when the last complete poll began
MOST_AT_ONCE = 500
MOST_ATTEMPTS = 10
NEVER_OPENED = timedelta(hours=1)


def receive_webhook(raw_body: bytes, signature: str) -> bool:
    """Keep a genuine event for the worker; False when it was here already. Raises InvalidWebhook with a sentence."""
    processor = configured()
    if processor is None:
        raise InvalidWebhook("No card processor is set up here (STRIPE_SECRET_KEY is empty).")
    try:
        event = processor.verify_event(raw_body, signature)
    except card_records.InvalidEvent as error:
        raise InvalidWebhook(str(error)) from error
    return receive_event(event)


def receive_event(event: card_records.ProcessorEvent) -> bool:
    """Never twice: the event's id is unique, and a second copy is ignored."""
    row = ProcessorEvent(
        event_id=event.id[:120],
        type=event.type[:80],
        payment_uuid=event.payment_uuid,
        # Refunds and disputes name the intent alone; ids of both kinds tell themselves apart (cs_, pi_).
        session_id=(event.session_id or event.intent_id or "")[:120],
    )
    known = ProcessorEvent.objects.filter(event_id=row.event_id).exists()
    ProcessorEvent.objects.bulk_create([row], ignore_conflicts=True)
    return not known


def process_events() -> int:
    """Ask about each payment that a waiting event hints at, once, however many events there are. Returns how many."""
    waiting = list(ProcessorEvent.objects.filter(handled_at__isnull=True).order_by("id")[:MOST_AT_ONCE])
    by_payment: dict[int | None, list[ProcessorEvent]] = {}
    for event in waiting:
        payment = find_payment(event.payment_uuid, event.session_id)
        if payment:
            _learn_session(payment, event)
        by_payment.setdefault(payment.pk if payment else None, []).append(event)
    for payment_id, events in by_payment.items():
        _ask(payment_id, [event.pk for event in events])
    return len(waiting)


def _learn_session(payment: Payment, event: ProcessorEvent) -> None:
    """We crashed between the making of the page and the keeping of its address; the event knows it."""
    if not payment.session_id and event.session_id.startswith("cs_"):
        Payment.objects.filter(pk=payment.pk, session_id="").update(session_id=event.session_id)


def _ask(payment_id: int | None, event_ids: list[int]) -> None:
    error = ""
    if payment_id is None:
        error = "No payment of ours."
    else:
        try:
            sync(payment_id)
        except CardProcessorUnavailable as silence:
            _retry(event_ids, str(silence))
            return
        except (CardProcessorError, LedgerError) as refusal:
            log.exception("Payment %s could not be settled", payment_id)
            _retry(event_ids, str(refusal))
            return
    ProcessorEvent.objects.filter(pk__in=event_ids).update(handled_at=timezone.now(), error=error)


def _retry(event_ids: list[int], error: str) -> None:
    """At the next tick; given up after ten, since the poll asks about unfinished payments anyway."""
    rows = ProcessorEvent.objects.filter(pk__in=event_ids)
    rows.update(attempts=F("attempts") + 1, error=error[:300])
    rows.filter(attempts__gte=MOST_ATTEMPTS).update(handled_at=timezone.now())


def poll_payments() -> int:
    """What no webhook told us: events since the last poll, then every payment whose end is not known.

    Returns how many payments were asked about. A silent processor ends the poll; the next one starts where it began.
    """
    began = timezone.now()
    try:
        _read_events()
    except CardProcessorError as error:
        log.warning("The card processor was not polled: %s", error)
        return 0
    process_events()
    _set_bookmark(began)
    return _ask_about_unfinished(began)


def _read_events() -> None:
    processor = configured()
    if processor is None:
        return
    last = ProcessorEvent.objects.filter(event_id=BOOKMARK).values_list("received_at", flat=True).first()
    since = (last or timezone.now() - FIRST_LOOK_BACK) - OVERLAP
    for event in processor.events_since(since.replace(microsecond=0)):
        receive_event(event)


def _set_bookmark(at: datetime) -> None:
    ProcessorEvent.objects.bulk_create(
        [ProcessorEvent(event_id=BOOKMARK, type=BOOKMARK, handled_at=at)], ignore_conflicts=True
    )
    ProcessorEvent.objects.filter(event_id=BOOKMARK).update(received_at=at, handled_at=at)


def _ask_about_unfinished(now: datetime) -> int:
    unfinished = Payment.objects.filter(status__in=UNFINISHED).order_by("created_at")[:MOST_AT_ONCE]
    asked = 0
    for payment in unfinished:
        try:
            _finish(payment, now)
            asked += 1
        except CardProcessorUnavailable as error:
            log.warning("The poll of payments stopped: %s", error)
            break
        except (CardProcessorError, LedgerError):
            log.exception("Payment %s could not be settled", payment.pk)
    return asked


def _finish(payment: Payment, now: datetime) -> None:
    if not payment.session_id:
        if payment.created_at < now - NEVER_OPENED:
            give_up(payment.pk, "The payment page was never opened.")
    elif payment.status == PaymentStatus.OPEN and _is_outdated(payment):
        close_page(payment.pk)
    else:
        sync(payment.pk)


def _is_outdated(payment: Payment) -> bool:
    """An invoice was paid otherwise, credited or voided meanwhile: this page would charge too much."""
    if payment.settlement_id and payment.settlement.status != SettlementStatus.OFFERED:
        return True  # it lapsed, or was taken back
    plan = plan_of(payment)
    open_amounts = dict(Invoice.objects.filter(pk__in=[s.invoice_id for s in plan]).values_list("pk", "open_amount"))
    return any(share.amount > open_amounts[share.invoice_id] for share in plan)
