from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from .fields import currency_field, money_field


class RefundStatus(models.TextChoices):
    PROPOSED = "proposed", "Waiting for approval"
    BOOKED = "booked", "Booked"
    REFUSED = "refused", "Refused"


class Refund(models.Model):
    """Money on account that goes back to the client, out of one receipt or credit note. Booked, it is never edited.

    It records that we pay; the bank transfer itself is made at the bank, with `reference` on it.
    """

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="refunds")
    receipt = models.ForeignKey("invoices.Receipt", models.PROTECT, null=True, related_name="refunds")
    credit_note = models.ForeignKey("invoices.CreditNote", models.PROTECT, null=True, related_name="refunds")
    amount = money_field()
    currency = currency_field()
    reason = models.CharField(max_length=200)
    reference = models.CharField(max_length=140, blank=True)
    status = models.CharField(max_length=8, choices=RefundStatus, default=RefundStatus.PROPOSED)
    asked_on = models.DateField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_on = models.DateField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_above_zero"),
            models.CheckConstraint(
                condition=Q(receipt__isnull=False, credit_note__isnull=True)
                | Q(receipt__isnull=True, credit_note__isnull=False),
                name="refund_of_receipt_or_credit_note",
            ),
            models.UniqueConstraint(
                fields=["receipt"], condition=Q(status="proposed"), name="one_proposed_refund_per_receipt"
            ),
            models.UniqueConstraint(
                fields=["credit_note"], condition=Q(status="proposed"), name="one_proposed_refund_per_credit_note"
            ),
        ]
        indexes = [
            # the queue of those that wait for approval, and its count in the navigation
            models.Index(fields=["id"], name="refund_proposed", condition=Q(status="proposed")),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
