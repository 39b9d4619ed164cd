from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from .fields import money_field


class DiscountStatus(models.TextChoices):
    PROPOSED = "proposed", "Waiting for approval"
    GRANTED = "granted", "Granted"
    REFUSED = "refused", "Refused"
    REVERSED = "reversed", "Taken back"


class Discount(models.Model):
    """A settlement discount on one invoice: earned by paying in time, or proposed when it came a little late."""

    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="discounts")
    amount = money_field()
    # The tax inside the amount, where the country's rule has tax follow the price paid; else nothing.
    tax_amount = money_field(default=0)
    status = models.CharField(max_length=8, choices=DiscountStatus, default=DiscountStatus.PROPOSED)
    earned_on = models.DateField(help_text="When the receipts reached the discounted total.")
    days_late = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)
    decided_on = models.DateField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="discount_above_zero"),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status="proposed"), name="one_proposed_discount_per_invoice"
            ),
        ]
        indexes = [
            # the queue of those that wait for approval, and its count in the navigation
            models.Index(fields=["id"], name="discount_proposed", condition=Q(status="proposed")),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of invoice {self.invoice_id}"
