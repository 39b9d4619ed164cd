from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from .outgoing import PENDING, Outgoing, OutgoingStatus
from .procedure import Channel, DunningLevel


class Notice(Outgoing):
    """One dunning notice to one client: proposed, then sent, then kept as evidence."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="notices", db_index=False)
    contact = models.ForeignKey("invoices.Contact", models.SET_NULL, null=True, related_name="+", db_index=False)
    level = models.ForeignKey(DunningLevel, models.PROTECT, related_name="notices", db_index=False)
    run = models.ForeignKey("reminders.DunningRun", models.SET_NULL, null=True, related_name="notices")
    channel = models.CharField(max_length=8, choices=Channel)
    proposed_on = models.DateField()
    send_before = models.DateField(help_text="The last day on which it may still leave.")
    # The business date on which it left; sent_at is the moment. Intervals and gaps count from this date.
    sent_on = models.DateField(null=True)
    # Which arm of an experiment spoke, and the language; stored before sending.
    variant = models.ForeignKey("reminders.Variant", models.SET_NULL, null=True, related_name="notices", db_index=False)
    language = models.CharField(max_length=5, blank=True, db_default="")
    delivered_at = models.DateTimeField(null=True, help_text="When the provider, or a person, said it had arrived.")
    deadline_on = models.DateField(null=True, help_text="The deadline printed in it.")
    reasons = models.JSONField(default=list, help_text="Why it was proposed: codes with figures.")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Never twice: one notice under way per client; decisions are internal and stand beside it.
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(status__in=PENDING),
                name="one_pending_notice_per_client",
            )
        ]
        indexes = [
            # dispatch: WHERE status = approved ORDER BY id
            models.Index(fields=["id"], name="notice_ready", condition=Q(status=OutgoingStatus.APPROVED)),
            # queues of people: approvals, print, failed, unknown; and stale claims
            models.Index(
                fields=["status", "id"],
                name="notice_needs_someone",
                condition=~Q(status__in=[OutgoingStatus.SENT, OutgoingStatus.CANCELLED, OutgoingStatus.APPROVED]),
            ),
            # last contact, timeline
            models.Index(fields=["client", "sent_on"], name="notice_by_client"),
            # what a provider tells about
            models.Index(fields=["provider_id"], name="notice_by_provider_id", condition=~Q(provider_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.pk}"

    @property
    def template(self) -> str:
        """Its words: those of the level, or of the arm of an experiment that speaks."""
        return (self.variant.template if self.variant else "") or self.level.template


class NoticeLine(models.Model):
    """This notice took this invoice to this level: the invoice's memory.

    `is_live` is false once the notice is cancelled or has failed, so that the level can be proposed again.
    """

    # Both are checked by check_ledger instead of the database, and the index of the constraint below is enough for
    # the invoice: a million lines go in in a third of the time (9 seconds for each of the two).
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="lines", db_constraint=False)
    invoice = models.ForeignKey(
        "invoices.Invoice", models.PROTECT, related_name="notice_lines", db_index=False, db_constraint=False
    )
    position = models.PositiveSmallIntegerField()
    cycle = models.PositiveSmallIntegerField(default=1)
    amount = models.DecimalField(max_digits=18, decimal_places=3)
    is_live = models.BooleanField(default=True)
    reached_on = models.DateField(null=True, help_text="When the level counted as reached: the real send.")

    class Meta:
        constraints = [
            # Never twice: one live line per invoice, level and cycle.
            models.UniqueConstraint(
                fields=["invoice", "position", "cycle"], condition=Q(is_live=True), name="one_live_line_per_level"
            )
        ]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} level {self.position}"


class NoticeAttachment(models.Model):
    """A file that went with a notice, kept as it was made."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=80, default="application/pdf")
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="notices/%Y/%m", max_length=200)

    def __str__(self) -> str:
        return self.name


class DunningRun(models.Model):
    """What one run looked at and did."""

    on = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    looked_at = models.PositiveIntegerField(default=0)
    proposed = models.PositiveIntegerField(default=0)
    skipped = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="run_newest")]

    def __str__(self) -> str:
        return f"Run for {self.on}"
