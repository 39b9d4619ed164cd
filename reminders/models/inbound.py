from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class InboundKind(models.TextChoices):
    REPLY = "reply", "Reply"
    AUTO_REPLY = "auto_reply", "Automatic reply"
    OUT_OF_OFFICE = "out_of_office", "Out of office"
    HARD_BOUNCE = "hard_bounce", "Address does not exist"
    SOFT_BOUNCE = "soft_bounce", "Delivery is delayed"
    COMPLAINT = "complaint", "Marked as unwanted"
    OPT_OUT = "opt_out", "Asks for no more"
    READ_RECEIPT = "read_receipt", "Read receipt"


class InboundStatus(models.TextChoices):
    OPEN = "open", "To answer"
    DONE = "done", "Done"
    IGNORED = "ignored", "Needs nothing"


class Inbound(models.Model):
    """What came back: a mail or an SMS, told apart and matched to what it answers, as far as that is certain."""

    channel = models.CharField(max_length=8)
    # Never twice: the provider's or the mail's own id.
    fingerprint = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=14, choices=InboundKind)
    status = models.CharField(max_length=8, choices=InboundStatus, default=InboundStatus.OPEN)
    received_at = models.DateTimeField()
    sender = models.CharField(max_length=254, blank=True)
    sender_name = models.CharField(max_length=120, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True, help_text="The new part.")
    full_text = models.TextField(blank=True, help_text="With what was quoted.")
    raw = models.FileField(upload_to="inbound/%Y/%m", max_length=200, blank=True)
    client = models.ForeignKey("invoices.Client", models.PROTECT, null=True, related_name="inbound", db_index=False)
    contact = models.ForeignKey("invoices.Contact", models.SET_NULL, null=True, related_name="+", db_index=False)
    notice = models.ForeignKey("reminders.Notice", models.SET_NULL, null=True, related_name="replies", db_index=False)
    acknowledgement = models.ForeignKey(
        "reminders.Acknowledgement", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    matched_by = models.CharField(max_length=20, blank=True, help_text="Reply address, Message-ID, sender; empty: not.")
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            # the reply inbox
            models.Index(fields=["id"], name="inbound_open", condition=Q(status="open")),
            # timeline, and the thread of a client
            models.Index(fields=["client", "received_at"], name="inbound_by_client"),
        ]

    def __str__(self) -> str:
        return self.subject or self.get_kind_display()


class DeliveryEvent(models.Model):
    """What a mail or SMS provider told about a message. Never twice: the provider's id of the event."""

    provider = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    recipient = models.CharField(max_length=254, blank=True)
    notice = models.ForeignKey("reminders.Notice", models.SET_NULL, null=True, related_name="deliveries")
    acknowledgement = models.ForeignKey(
        "reminders.Acknowledgement", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    details = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event_id"], name="delivery_event_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind}"


class Consent(models.Model):
    """Who agreed to, or refused, a way of being reached: when, how, in which words. Rows are added, never changed."""

    contact = models.ForeignKey("invoices.Contact", models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=8)
    is_given = models.BooleanField()
    how = models.CharField(max_length=60, help_text="Portal, call, STOP by SMS, by staff.")
    words = models.TextField(blank=True)
    address = models.CharField(max_length=60, blank=True, help_text="The network address, where there was one.")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.channel}: {'given' if self.is_given else 'refused'}"
