from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from .procedure import Channel


class BlockReason(models.TextChoices):
    HARDSHIP = "hardship", "Hardship"
    INSOLVENCY = "insolvency", "Insolvency or moratorium"
    LEGAL = "legal", "Legal representation"
    DECEASED = "deceased", "Deceased"
    CEASED = "ceased", "Asked in writing not to be contacted"
    PAID_SEARCH = "paid_search", "Says it is paid; we are looking"
    REPLY = "reply", "Reply waiting for us"
    PLACED = "placed", "Placed with an agency"
    BREATHING_SPACE = "breathing", "Breathing space"
    MANUAL = "manual", "Agreed by staff"


class DunningBlock(models.Model):
    """Do not dun until `last_on`, that day included; without a last day, until somebody lifts it."""

    client = models.ForeignKey("invoices.Client", models.CASCADE, related_name="blocks")
    invoice = models.ForeignKey("invoices.Invoice", models.CASCADE, null=True, blank=True, related_name="blocks")
    channel = models.CharField(max_length=8, choices=Channel, blank=True, help_text="Empty: every channel.")
    reason = models.CharField(max_length=12, choices=BlockReason)
    note = models.CharField(max_length=300, blank=True)
    first_on = models.DateField()
    last_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__isnull=True) | Q(last_on__gte=models.F("first_on")), name="block_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~Q(reason=BlockReason.HARDSHIP) | Q(last_on__isnull=False), name="hardship_has_review_date"
            ),
        ]
        indexes = [models.Index(fields=["client"], name="block_in_force", condition=Q(lifted_at__isnull=True))]

    def __str__(self) -> str:
        return self.get_reason_display()

    def is_in_force(self, today: date) -> bool:
        return self.lifted_at is None and self.first_on <= today and (self.last_on is None or today <= self.last_on)
