from __future__ import annotations

from django.conf import settings
from django.db import models


class AuditEvent(models.Model):
    """Who did what, and what it changed. Written in the transaction of the change; also the client's timeline."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    actor_label = models.CharField(
        max_length=120, blank=True, help_text="Who, when not a user: client, worker, import."
    )
    verb = models.CharField(max_length=40)
    client = models.ForeignKey("invoices.Client", models.CASCADE, null=True, related_name="events", db_index=False)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True)
    text = models.CharField(max_length=300, blank=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["client", "-at"], name="event_by_client"),
            models.Index(fields=["-at", "-id"], name="event_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"


class Note(models.Model):
    """What somebody wrote about a client."""

    client = models.ForeignKey("invoices.Client", models.CASCADE, related_name="notes")
    text = models.TextField()
    is_pinned = models.BooleanField(default=False)
    written_at = models.DateTimeField(auto_now_add=True)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return self.text[:60]
