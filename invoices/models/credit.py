from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from .fields import currency_field, money_field


class ApplicationStatus(models.TextChoices):
    OPEN = "open", "Being checked"
    GRANTED = "granted", "Granted"
    REFUSED = "refused", "Refused"
    REPLACED = "replaced", "Replaced by a later one"


class CreditApplication(models.Model):
    """What was asked and checked before credit was given, by whom, and when it is looked at again."""

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="credit_applications")
    status = models.CharField(max_length=8, choices=ApplicationStatus, default=ApplicationStatus.OPEN)
    currency = currency_field()
    asked_amount = money_field(null=True, blank=True)
    granted_amount = money_field(null=True, blank=True)
    registration_number = models.CharField(max_length=60, blank=True)
    trading_since = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Year.")
    bank = models.CharField(max_length=120, blank=True)
    checks = models.TextField(blank=True, help_text="Register, credit agency, accounts: what was looked at and found.")
    asked_on = models.DateField()
    asked_by = models.CharField(max_length=120, blank=True, help_text="Who at the client.")
    decided_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decision_note = models.CharField(max_length=300, blank=True)
    review_on = models.DateField(null=True, blank=True, help_text="When the limit is looked at again.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=Q(status="open"), name="one_open_application"),
        ]
        indexes = [
            # the tick that makes review tasks: WHERE status = granted AND review_on <= today
            models.Index(fields=["review_on", "id"], name="application_to_review", condition=Q(status="granted")),
        ]

    def __str__(self) -> str:
        return f"Credit application {self.pk}"


class TradeReference(models.Model):
    """Another supplier of the client, and what he says of it."""

    application = models.ForeignKey(CreditApplication, models.CASCADE, related_name="references")
    name = models.CharField(max_length=120)
    contact = models.CharField(max_length=120, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    answered_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
