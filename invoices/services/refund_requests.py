"""Ask the card processor for the refunds that were decided: once each, with no lock held."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from ..errors import LedgerError
from ..gateways.card_records import CardProcessorError, CardProcessorUnavailable
from ..models import ProcessorRefund
from .ledger import lock_client
from .payments import sync
from .processor_refunds import CREATED, change, follow_refund, reference_of, tell_failed
from .processors import processor_for, refund_at

log = logging.getLogger(__name__)
MOST_AT_ONCE = 100


def send_refunds() -> int:
    """Every refund that the processor was not asked for, or did not answer about. Returns how many it knows now.

    Silence is unknown: the row stays, and is asked about again under the same reference, which cannot refund twice.
    """
    waiting = ProcessorRefund.objects.filter(status=CREATED).order_by("pk").values_list("pk", flat=True)
    sent = 0
    for pk in list(waiting[:MOST_AT_ONCE]):
        try:
            sent += _send(pk)
        except CardProcessorUnavailable as error:
            log.warning("Refunds wait: %s", error)
            break
        except (CardProcessorError, LedgerError):
            log.exception("Refund %s is asked for, but its payment could not be settled", pk)
    return sent


def _send(pk: int) -> bool:
    """1. note the attempt, 2. ask with no lock held, 3. keep the answer under the lock, 4. settle the payment."""
    row = ProcessorRefund.objects.select_related("refund", "payment").get(pk=pk)
    ProcessorRefund.objects.filter(pk=pk).update(asked_at=timezone.now())
    try:
        state = refund_at(processor_for(row.payment), row.payment, row.refund.amount, reference_of(row))
    except CardProcessorUnavailable:
        raise
    except CardProcessorError as refusal:
        _refuse(pk, str(refusal))
        return False
    with transaction.atomic(durable=True):
        lock_client(row.payment.client_id)
        follow_refund(ProcessorRefund.objects.select_related("refund").get(pk=pk), state)
    sync(row.payment_id)
    return True


@transaction.atomic(durable=True)
def _refuse(pk: int, why: str) -> None:
    """The processor said no, and nothing happened there: the money stays on account."""
    found = ProcessorRefund.objects.select_related("refund").get(pk=pk)
    lock_client(found.refund.client_id)
    row = ProcessorRefund.objects.select_related("refund").get(pk=pk)
    if row.status == CREATED:
        change(row, status="refused", failure=why[:300])
        tell_failed(row)
