from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class PartnerKind(models.TextChoices):
    AGENCY = "agency", "Collection agency"
    LAWYER = "lawyer", "Lawyer"
    MEDIATOR = "mediator", "Mediator"


class Partner(models.Model):
    """Who takes a claim over."""

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=8, choices=PartnerKind)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    commission_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    note = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class PlacementStatus(models.TextChoices):
    PLACED = "placed", "Placed"
    RECALLED = "recalled", "Recalled"
    CLOSED = "closed", "Closed"


class Placement(models.Model):
    """A claim handed over, by a person, after a final notice was delivered and its deadline was over."""

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="placements")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="placements")
    status = models.CharField(max_length=8, choices=PlacementStatus, default=PlacementStatus.PLACED)
    placed_on = models.DateField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # The evidence: the final notice, and when its deadline ended.
    final_notice = models.ForeignKey("reminders.Notice", models.PROTECT, related_name="+")
    deadline_on = models.DateField()
    commission_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    reference = models.CharField(max_length=80, blank=True, help_text="The partner's file number.")
    note = models.TextField(blank=True)
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["client"], name="placement_in_force", condition=Q(status="placed"))]

    def __str__(self) -> str:
        return f"Placement {self.pk}"


class PlacementItem(models.Model):
    """An invoice as handed over."""

    placement = models.ForeignKey(Placement, models.CASCADE, related_name="items")
    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="placement_items")
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    currency = models.CharField(max_length=3)
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(is_live=True), name="one_live_placement_per_invoice"
            )
        ]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} in placement {self.placement_id}"
