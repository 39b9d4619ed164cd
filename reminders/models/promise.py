from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class PromiseStatus(models.TextChoices):
    OPEN = "open", "Open"
    KEPT = "kept", "Kept"
    PARTLY_KEPT = "partly_kept", "Partly kept"
    BROKEN = "broken", "Broken"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REPLACED = "replaced", "Replaced"


class PromiseToPay(models.Model):
    """The client commits to an amount and a date. Judged by the receipts allocated to its items until `grace_until`."""

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="promises")
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    currency = models.CharField(max_length=3)
    promised_on = models.DateField(help_text="The date by which it is to be paid.")
    grace_until = models.DateField()
    made_on = models.DateField()
    made_by = models.CharField(max_length=120, blank=True, help_text="Who at the client.")
    how = models.CharField(max_length=40, blank=True, help_text="Call, portal, mail.")
    status = models.CharField(max_length=11, choices=PromiseStatus, default=PromiseStatus.OPEN)
    kept_amount = models.DecimalField(max_digits=18, decimal_places=3, default=0)
    judged_on = models.DateField(null=True, editable=False)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="promise_amount_above_zero")]
        indexes = [
            models.Index(fields=["grace_until", "id"], name="promise_to_judge", condition=Q(status="open")),
            models.Index(fields=["client", "status"], name="promise_by_client"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} by {self.promised_on}"


class PromiseItem(models.Model):
    promise = models.ForeignKey(PromiseToPay, models.CASCADE, related_name="items")
    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="promise_items")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["promise", "invoice"], name="one_item_per_promise")]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id}"
