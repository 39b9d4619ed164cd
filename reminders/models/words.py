from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class MessageTemplate(models.Model):
    """Words that staff wrote in place of shipped ones, in the restricted language. A change is a new version."""

    key = models.CharField(max_length=40, help_text="As a level names it, or a folder of acknowledgements.")
    channel = models.CharField(max_length=8)
    language = models.CharField(max_length=5)
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=200, blank=True)
    opening = models.TextField(blank=True)
    closing = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["key", "channel", "language", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "channel", "language", "version"], name="one_template_version"),
            models.UniqueConstraint(
                fields=["key", "channel", "language"], condition=Q(is_active=True), name="one_active_template"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.channel} {self.language} {self.version}"
