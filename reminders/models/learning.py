from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Experiment(models.Model):
    """A comparison at one level of a procedure: some clients hear something else, or nothing, by chance."""

    procedure = models.ForeignKey("reminders.DunningProcedure", models.CASCADE, related_name="experiments")
    position = models.PositiveSmallIntegerField(help_text="The level's position.")
    name = models.CharField(max_length=120)
    question = models.CharField(max_length=300, blank=True, help_text="What is to be learned.")
    # Chance is a hash over this and the client: the same on every machine, and not to be foreseen.
    seed = models.CharField(max_length=32)
    started_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["procedure", "position"],
                condition=Q(started_on__isnull=False, ended_on__isnull=True),
                name="one_running_experiment_per_level",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """One arm. `template` empty: the level's own words; a holdout hears nothing for some days."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="variants")
    name = models.CharField(max_length=60)
    share = models.PositiveSmallIntegerField(help_text="Percent of the clients.")
    template = models.CharField(max_length=40, blank=True)
    is_holdout = models.BooleanField(default=False)
    holdout_days = models.PositiveSmallIntegerField(default=14)

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """Which arm a client is in, written before anything is sent or held back. Never twice."""

    experiment = models.ForeignKey(Experiment, models.CASCADE, related_name="assignments")
    client = models.ForeignKey("invoices.Client", models.CASCADE, related_name="+")
    variant = models.ForeignKey(Variant, models.CASCADE, related_name="assignments")
    assigned_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=3, help_text="Asked for on that day.")
    currency = models.CharField(max_length=3)
    invoice_ids = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "client"], name="one_arm_per_client")]

    def __str__(self) -> str:
        return f"client {self.client_id}: {self.variant_id}"
