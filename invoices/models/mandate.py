from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from .fields import money_field


class MandateStatus(models.TextChoices):
    STARTED = "started", "Being set up"
    ACTIVE = "active", "In force"
    FAILED = "failed", "Switched off after failures"
    REVOKED = "revoked", "Revoked"


class Mandate(models.Model):
    """A client's standing permission to charge: autopay. The consent is kept as it was given."""

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="mandates")
    contact = models.ForeignKey("invoices.Contact", models.SET_NULL, null=True, related_name="+")
    status = models.CharField(max_length=7, choices=MandateStatus, default=MandateStatus.STARTED)
    session_id = models.CharField(max_length=120, blank=True)
    method_id = models.CharField(max_length=120, blank=True, help_text="The card processor's name of the method.")
    method_label = models.CharField(max_length=60, blank=True, help_text="As the client knows it: Visa, ends in 4242.")
    charge_day = models.PositiveSmallIntegerField(null=True, help_text="Day of the month; empty: the due date.")
    limit_amount = money_field(null=True, help_text="Never more than this at once.")
    consent_text = models.TextField()
    consent_language = models.CharField(max_length=5, default="en")
    consent_at = models.DateTimeField()
    consent_address = models.CharField(max_length=60, blank=True, help_text="The network address.")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    end_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=Q(status="active"), name="one_active_mandate"),
        ]

    def __str__(self) -> str:
        return self.method_label or f"Mandate {self.pk}"


class Debit(models.Model):
    """One charge to a mandate: announced, then tried on its day, with retries. Never twice per invoice and round."""

    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="debits")
    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="debits")
    round = models.PositiveSmallIntegerField(default=1, help_text="Raised when the item is owed again.")
    amount = money_field()
    charge_on = models.DateField()
    announced_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    payment = models.ForeignKey("invoices.Payment", models.PROTECT, null=True, related_name="debits")
    is_done = models.BooleanField(default=False)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mandate", "invoice", "round"], name="one_debit_per_invoice_and_round"),
        ]
        indexes = [
            # the tick: WHERE NOT is_done AND charge_on <= today ORDER BY charge_on, id
            models.Index(fields=["charge_on", "id"], name="debit_to_do", condition=Q(is_done=False)),
        ]

    def __str__(self) -> str:
        return f"{self.amount} of invoice {self.invoice_id} on {self.charge_on}"
