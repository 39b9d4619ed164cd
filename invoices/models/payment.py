from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from .fields import currency_field, money_field


class PaymentStatus(models.TextChoices):
    CREATED = "created", "Started"
    OPEN = "open", "Waiting for the payer"
    PROCESSING = "processing", "On its way"
    SUCCEEDED = "succeeded", "Paid"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


class Payment(models.Model):
    """A client's act of paying online. `services.payments.sync` makes it equal to what the card processor says."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="payments")
    contact = models.ForeignKey("invoices.Contact", models.SET_NULL, null=True, related_name="+")
    amount = money_field()
    currency = currency_field()
    status = models.CharField(max_length=10, choices=PaymentStatus, default=PaymentStatus.CREATED)
    is_test = models.BooleanField(default=False, help_text="Made on the built-in test page, without a card processor.")
    session_id = models.CharField(max_length=120, blank=True)
    session_url = models.URLField(max_length=1000, blank=True)
    intent_id = models.CharField(max_length=120, blank=True)
    method = models.CharField(max_length=40, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    # Why this sum: an offer that it accepts, an instalment it pays, or a charge to a standing permission.
    settlement = models.ForeignKey(
        "invoices.Settlement", models.PROTECT, null=True, related_name="payments", db_index=False
    )
    plan = models.ForeignKey("invoices.PaymentPlan", models.PROTECT, null=True, related_name="payments", db_index=False)
    mandate = models.ForeignKey("invoices.Mandate", models.PROTECT, null=True, related_name="payments")
    saves_method = models.BooleanField(default=False, db_default=False, help_text="Paying also sets autopay up.")
    received_amount = money_field(default=0)
    refunded_amount = money_field(default=0)
    withheld_amount = money_field(default=0)
    receipt = models.OneToOneField("invoices.Receipt", models.PROTECT, null=True, related_name="payment")
    # Answers may arrive out of order: `asked` numbers the questions, `applied` is the newest answer written.
    asked = models.PositiveIntegerField(default=0)
    applied = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_above_zero"),
            models.UniqueConstraint(fields=["session_id"], condition=~Q(session_id=""), name="one_payment_per_session"),
        ]
        indexes = [
            # the poll: payments whose end is not known
            models.Index(
                fields=["created_at"],
                name="payment_unfinished",
                condition=Q(status__in=["created", "open", "processing"]),
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class PaymentLine(models.Model):
    """What the payer meant this payment for."""

    payment = models.ForeignKey(Payment, models.CASCADE, related_name="lines")
    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="payment_lines")
    amount = money_field()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payment", "invoice"], name="one_line_per_payment_and_invoice")]

    def __str__(self) -> str:
        return f"{self.amount} for invoice {self.invoice_id}"


class ProcessorEvent(models.Model):
    """The inbox of the card processor's webhooks. An event is only a hint: its payment is then asked for."""

    event_id = models.CharField(max_length=120, unique=True)
    type = models.CharField(max_length=80)
    payment_uuid = models.UUIDField(null=True)
    session_id = models.CharField(max_length=120, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="processor_event_waiting", condition=Q(handled_at__isnull=True))]

    def __str__(self) -> str:
        return self.event_id


class ProcessorRefund(models.Model):
    """A refund at the card processor of a payment: asked for once, may be pending, and may fail later."""

    refund = models.OneToOneField("invoices.Refund", models.PROTECT, related_name="at_processor")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="processor_refunds")
    processor_id = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=16, default="created")
    failure = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["processor_id"], condition=~Q(processor_id=""), name="one_processor_refund"
            ),
        ]

    def __str__(self) -> str:
        return self.processor_id or f"refund {self.refund_id}"


class ProcessorDispute(models.Model):
    """A payer's bank takes a payment back, or asks about it (`inquiry`). People answer, with evidence, in time."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes")
    dispute_id = models.CharField(max_length=120, unique=True)
    amount = money_field()
    currency = currency_field()
    reason = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=32)
    answer_by = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.dispute_id


class Payout(models.Model):
    """Money that the card processor sent to our bank; `amount` is net of fees and of what went back."""

    payout_id = models.CharField(max_length=120, unique=True)
    arrived_on = models.DateField()
    currency = currency_field()
    amount = money_field()
    fee_amount = money_field(default=0)
    status = models.CharField(max_length=16)
    is_reconciled = models.BooleanField(default=False)
    difference = models.CharField(max_length=300, blank=True)
    read_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.payout_id


class PayoutLine(models.Model):
    """One movement inside a payout; `payment` is empty where it is none of ours."""

    payout = models.ForeignKey(Payout, models.CASCADE, related_name="lines")
    transaction_id = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=32)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="payout_lines")
    amount = money_field()
    fee_amount = money_field(default=0)
    text = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.transaction_id
