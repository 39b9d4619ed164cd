"""What happened to online payments that somebody has to hear of: clients by mail, staff by a task."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.timezone import now

from invoices.models import AuditEvent, Payment, PaymentLine, PaymentStatus, ProcessorDispute, ProcessorRefund

LOOK_BACK = timedelta(days=14)
LONGEST_DISPUTE = timedelta(days=400)
# The audit event that remembers what was told ends with its topic.
TOLD = "payment_told_"
FAILED, SURPLUS, LATE, REFUND = "failed", "surplus", "late", "refund"
Row = TypeVar("Row", bound=Model)


def failed_late() -> QuerySet[Payment]:
    """Money that was on its way and did not arrive, of the last two weeks."""
    rows = Payment.objects.filter(status=PaymentStatus.FAILED, changed_at__gt=now() - LOOK_BACK)
    return untold(rows, Value(FAILED)).select_related("client", "contact").order_by("pk")


def paid_too_much() -> QuerySet[Payment]:
    """Payments for invoices that had less open when the money came: the rest is on account."""
    rows = Payment.objects.filter(status=PaymentStatus.SUCCEEDED, changed_at__gt=now() - LOOK_BACK)
    rows = rows.filter(receipt__unapplied_amount__gt=0, pk__in=PaymentLine.objects.values("payment"))
    return untold(rows, Value(SURPLUS)).select_related("client", "receipt").order_by("pk")


def disputes_untold() -> QuerySet[ProcessorDispute]:
    """Disputes in a state that nobody was told of."""
    rows = ProcessorDispute.objects.filter(opened_at__gt=now() - LONGEST_DISPUTE)
    rows = untold(rows, OuterRef("status"), "payment__client_id")
    return rows.select_related("payment__client", "payment__contact", "payment__receipt").order_by("pk")


def refunds_failed() -> QuerySet[ProcessorRefund]:
    rows = ProcessorRefund.objects.filter(status__in=["failed", "canceled", "refused"])
    return untold(rows, Value(REFUND), "payment__client_id").select_related("refund", "payment").order_by("pk")


def untold(rows: QuerySet[Row], topic: Value | OuterRef, client: str = "client_id") -> QuerySet[Row]:
    """Without those that somebody was told this of. Served by the events of the client."""
    told = AuditEvent.objects.filter(
        client_id=OuterRef(client),
        verb=Concat(Value(TOLD), topic),
        subject_type=rows.model._meta.model_name,
        subject_id=OuterRef("pk"),
    )
    return rows.filter(~Exists(told))
