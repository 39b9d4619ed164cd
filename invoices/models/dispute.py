from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from .fields import money_field


class DisputeReason(models.TextChoices):
    PRICE = "price", "Price or quantity is wrong"
    QUALITY = "quality", "Goods or work not as agreed"
    NOT_RECEIVED = "not_received", "Not delivered"
    NOT_ORDERED = "not_ordered", "Not ordered"
    PAID = "paid", "Already paid"
    DUPLICATE = "duplicate", "Invoiced twice"
    OTHER = "other", "Something else"


class DisputeStatus(models.TextChoices):
    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Dispute(models.Model):
    """The client contests an amount of an item. That part is not dunned while the dispute is open."""

    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="disputes")
    amount = money_field()
    reason = models.CharField(max_length=14, choices=DisputeReason)
    comment = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=DisputeStatus, default=DisputeStatus.OPEN)
    opened_on = models.DateField()
    opened_by = models.CharField(max_length=120)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    answer_by = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    outcome = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="dispute_amount_above_zero"),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status="open"), name="one_open_dispute_per_invoice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.amount})"


class DisputeFile(models.Model):
    """What the client or staff sent with a dispute: checked at the door, served as a download only."""

    dispute = models.ForeignKey(Dispute, models.CASCADE, related_name="files")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="disputes/%Y/%m", max_length=200)
    sent_by = models.CharField(max_length=120, blank=True)
    sent_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
