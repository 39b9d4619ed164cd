from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .fields import money_field


class WriteOffReason(models.TextChoices):
    SMALL_DIFFERENCE = "small_difference", "Small difference"
    UNCOLLECTABLE = "uncollectable", "Cannot be collected"
    INSOLVENCY = "insolvency", "Insolvency"
    GOODWILL = "goodwill", "Goodwill"
    TIME_BARRED = "time_barred", "Time-barred"
    OTHER = "other", "Other"


class WriteOffStatus(models.TextChoices):
    PROPOSED = "proposed", "Waiting for approval"
    BOOKED = "booked", "Booked"
    REFUSED = "refused", "Refused"
    REVERSED = "reversed", "Reversed"


class WriteOff(models.Model):
    """An accepted loss. The claim may live on; money that comes later is a recovery (`recovered_amount`)."""

    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="write_offs")
    amount = money_field()
    reason = models.CharField(max_length=16, choices=WriteOffReason)
    note = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=8, choices=WriteOffStatus, default=WriteOffStatus.PROPOSED)
    is_claim_alive = models.BooleanField(default=True)
    recovered_amount = money_field(default=0)
    asked_on = models.DateField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_on = models.DateField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="write_off_above_zero"),
            models.CheckConstraint(
                condition=Q(recovered_amount__gte=0, recovered_amount__lte=F("amount")),
                name="write_off_recovered_within_amount",
            ),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status="proposed"), name="one_proposed_write_off_per_invoice"
            ),
        ]
        indexes = [
            # the queue of those that wait for approval, and its count in the navigation
            models.Index(fields=["id"], name="write_off_proposed", condition=Q(status="proposed")),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of invoice {self.invoice_id}"

    @property
    def unrecovered_amount(self) -> Decimal:
        return self.amount - self.recovered_amount
