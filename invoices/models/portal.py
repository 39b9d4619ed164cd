from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class PortalView(models.Model):
    """A client looked at the portal: the one row that a GET may write, at most one per contact, page and hour."""

    client = models.ForeignKey("invoices.Client", models.CASCADE, related_name="portal_views", db_index=False)
    contact = models.ForeignKey("invoices.Contact", models.CASCADE, related_name="+", db_index=False)
    page = models.CharField(max_length=20)
    hour_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "page", "hour_at"], name="one_view_per_hour"),
        ]
        indexes = [models.Index(fields=["client", "hour_at"], name="portal_view_by_client")]

    def __str__(self) -> str:
        return f"{self.page} at {self.hour_at}"


class StepUpCode(models.Model):
    """Six digits to the address on file, before saved methods, autopay or contacts may be touched."""

    contact = models.ForeignKey("invoices.Contact", models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=128)
    made_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["contact", "-made_at"], name="newest_code")]

    def __str__(self) -> str:
        return f"code of {self.made_at}"


class RequestKind(models.TextChoices):
    QUESTION = "question", "Question"
    CONTACTS = "contacts", "Change of contacts"
    PLAN = "plan", "Payment plan outside the rules"
    COPY = "copy", "Copy of a document"


class RequestStatus(models.TextChoices):
    OPEN = "open", "Open"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


class ClientRequest(models.Model):
    """What a client asked for in the portal that a person has to look at."""

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="requests")
    contact = models.ForeignKey("invoices.Contact", models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=RequestKind)
    status = models.CharField(max_length=7, choices=RequestStatus, default=RequestStatus.OPEN)
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    asked_at = models.DateTimeField(auto_now_add=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["id"], name="client_request_open", condition=Q(status="open"))]

    def __str__(self) -> str:
        return self.get_kind_display()


class FeedbackReason(models.TextChoices):
    """What made it hard to pay in time."""

    CASH = "cash", "Money was short"
    APPROVAL = "approval", "Approval took long on our side"
    INVOICE_WRONG = "invoice_wrong", "The invoice was wrong or unclear"
    NOT_RECEIVED = "not_received", "The invoice did not reach the right person"
    PROCESS = "process", "Your way of paying did not suit us"
    SERVICE = "service", "We were not content with goods or work"
    OTHER = "other", "Something else"


class Feedback(models.Model):
    """A short answer after a dispute or settlement. Once per thing it is about."""

    client = models.ForeignKey("invoices.Client", models.CASCADE, related_name="feedback")
    contact = models.ForeignKey("invoices.Contact", models.SET_NULL, null=True, related_name="+")
    about = models.CharField(max_length=40, help_text="Such as dispute 17.")
    reason = models.CharField(max_length=13, choices=FeedbackReason)
    text = models.TextField(blank=True)
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "about"], name="one_feedback_each")]

    def __str__(self) -> str:
        return self.get_reason_display()
