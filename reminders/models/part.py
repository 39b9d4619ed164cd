from __future__ import annotations

from django.db import models
from django.db.models import Q

from .outgoing import Outgoing, OutgoingStatus
from .procedure import Channel


class NoticePart(Outgoing):
    """The same notice by a further way: an SMS beside the mail, or a mail to a second contact. One contact in all.

    Written with the words of the notice, and leaves after it; its own outcome moves no level.
    """

    notice = models.ForeignKey("reminders.Notice", models.CASCADE, related_name="parts", db_index=False)
    contact = models.ForeignKey("invoices.Contact", models.SET_NULL, null=True, related_name="+", db_index=False)
    channel = models.CharField(max_length=8, choices=Channel)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Never twice: one message per notice, channel and recipient.
            models.UniqueConstraint(fields=["notice", "channel", "recipient"], name="one_part_per_recipient")
        ]
        indexes = [
            # parts to send, in doubt or failed
            models.Index(
                fields=["status", "id"],
                name="part_needs_someone",
                condition=~Q(status__in=[OutgoingStatus.SENT, OutgoingStatus.CANCELLED]),
            ),
            # what a provider tells about
            models.Index(fields=["provider_id"], name="part_by_provider_id", condition=~Q(provider_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} to {self.recipient}"
