from __future__ import annotations

from django.db import models
from django.db.models import Q


class ProcedureStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    INACTIVE = "inactive", "Inactive"


class DunningProcedure(models.Model):
    """Ordered levels and the limits between them. Days are calendar days unless a field says otherwise."""

    name = models.CharField(max_length=80, unique=True)
    status = models.CharField(max_length=8, choices=ProcedureStatus, default=ProcedureStatus.ACTIVE)
    version = models.PositiveIntegerField(default=1)
    is_default = models.BooleanField(default=False)
    minimum_interval_days = models.PositiveSmallIntegerField(
        default=3, help_text="Days between two contacts with the same client, of whatever kind."
    )
    tolerance_amount = models.DecimalField(
        max_digits=18,
        decimal_places=3,
        default=1,
        help_text="An item with this much or less left to pay is not chased.",
    )
    is_business_days_only = models.BooleanField(
        default=True, help_text="Nothing is sent on weekends and public holidays of the client's country."
    )
    promise_grace_days = models.PositiveSmallIntegerField(default=2, help_text="Business days after a promised date.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_procedure")
        ]

    def __str__(self) -> str:
        return self.name


class Channel(models.TextChoices):
    EMAIL = "email", "Mail"
    CALL = "call", "Call"
    LETTER = "letter", "Letter"
    DECIDE = "decide", "Decision by a person"


class Approval(models.TextChoices):
    AUTOMATIC = "automatic", "Goes out by itself"
    BATCH = "batch", "Approved in a batch"
    EACH = "each", "Approved one by one"


class LevelKind(models.TextChoices):
    REMINDER = "reminder", "Reminder"
    DEMAND = "demand", "Formal demand"
    FINAL = "final", "Final notice"
    DECISION = "decision", "Decision"


class DunningLevel(models.Model):
    """One step: when, by which channel, in which words."""

    procedure = models.ForeignKey(DunningProcedure, models.CASCADE, related_name="levels")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    days_past_due = models.SmallIntegerField(help_text="Negative: before the due date; such a level is optional.")
    is_in_business_days = models.BooleanField(default=False, help_text="Count the days as business days.")
    channel = models.CharField(max_length=8, choices=Channel)
    kind = models.CharField(max_length=8, choices=LevelKind, default=LevelKind.REMINDER)
    approval = models.CharField(max_length=9, choices=Approval, default=Approval.AUTOMATIC)
    template = models.CharField(max_length=40, help_text="Folder under templates/notices/.")
    minimum_amount = models.DecimalField(
        max_digits=18, decimal_places=3, default=0, help_text="Passed over when the client owes less than this."
    )
    deadline_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days from sending to the deadline printed; the next level waits for it."
    )
    too_late_days = models.PositiveSmallIntegerField(
        default=3, help_text="Business days after which an unsent notice is cancelled and planned afresh."
    )
    attaches_invoices = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["procedure", "position"], name="one_level_per_position")]

    def __str__(self) -> str:
        return f"{self.position} {self.name}"


class DunningAccount(models.Model):
    """How one client is dunned, where it differs from the default."""

    client = models.OneToOneField("invoices.Client", models.CASCADE, primary_key=True, related_name="dunning")
    procedure = models.ForeignKey(DunningProcedure, models.PROTECT, related_name="accounts")

    def __str__(self) -> str:
        return f"{self.client_id}: {self.procedure_id}"
