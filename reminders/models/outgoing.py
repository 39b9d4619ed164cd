from __future__ import annotations

from django.db import models


class OutgoingStatus(models.TextChoices):
    PROPOSED = "proposed", "Waiting for approval"
    APPROVED = "approved", "Ready to send"
    CLAIMED = "claimed", "Being prepared"
    SENDING = "sending", "Being sent"
    PRINTING = "printing", "Waiting to be printed"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Outcome unknown"
    CANCELLED = "cancelled", "Cancelled"


# While one of these is under way, nothing else is proposed to the client.
PENDING = (
    OutgoingStatus.PROPOSED,
    OutgoingStatus.APPROVED,
    OutgoingStatus.CLAIMED,
    OutgoingStatus.SENDING,
    OutgoingStatus.PRINTING,
    OutgoingStatus.UNKNOWN,
)


class Outgoing(models.Model):
    """A message on its way out. The words are written down before the wire is touched, and kept as evidence."""

    status = models.CharField(max_length=9, choices=OutgoingStatus, default=OutgoingStatus.APPROVED)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    not_before_at = models.DateTimeField(null=True, help_text="After a failed attempt: when to try again.")
    attempts = models.PositiveSmallIntegerField(default=0)
    recipient = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body_text = models.TextField(blank=True)
    body_html = models.TextField(blank=True)
    provider_id = models.CharField(max_length=120, blank=True, db_default="", help_text="The provider's name for it.")
    message_id = models.CharField(max_length=120, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True
