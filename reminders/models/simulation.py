from __future__ import annotations

from django.conf import settings
from django.db import models


class SimulationStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Simulation(models.Model):
    """What a procedure would do over the open items, or over a past period; worked out by a worker, changes nothing."""

    procedure = models.ForeignKey("reminders.DunningProcedure", models.CASCADE, related_name="simulations")
    first_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    is_replay = models.BooleanField(default=False, help_text="Over a past period, with its real payments.")
    status = models.CharField(max_length=7, choices=SimulationStatus, default=SimulationStatus.WAITING)
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent.")
    result = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Simulation {self.pk}"
