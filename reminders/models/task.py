from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class TaskStatus(models.TextChoices):
    OPEN = "open", "Open"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class CallTask(models.Model):
    """A call to make. The level that asked for it counts as reached when the task is made."""

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="calls")
    notice = models.OneToOneField("reminders.Notice", models.PROTECT, null=True, related_name="call")
    due_on = models.DateField()
    call_back_at = models.DateTimeField(null=True, blank=True)
    priority = models.IntegerField(default=0, help_text="Higher comes first.")
    reason = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.CharField(max_length=9, choices=TaskStatus, default=TaskStatus.OPEN)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=Q(status="open"), name="one_open_call_per_client")
        ]
        indexes = [
            models.Index(fields=["due_on", "-priority", "id"], name="call_queue", condition=Q(status="open")),
        ]

    def __str__(self) -> str:
        return f"Call {self.pk}"


class Outcome(models.TextChoices):
    """What happened on a call. What each does next: `rules.outcomes`."""

    NO_ANSWER = "no_answer", "No answer"
    VOICEMAIL = "voicemail", "Voicemail"
    PROMISED = "promised", "Promised"
    DISPUTE = "dispute", "Dispute"
    WRONG_NUMBER = "wrong_number", "Wrong number"
    CALL_BACK = "call_back", "Call back"
    SAYS_PAID = "says_paid", "Says it is paid"
    REFUSED = "refused", "Refused"
    GATEKEEPER = "gatekeeper", "Gatekeeper"
    NEEDS_COPY = "needs_copy", "Needs a copy"
    ASKS_PLAN = "asks_plan", "Asks for a plan"
    HARDSHIP = "hardship", "Hardship"
    INSOLVENT = "insolvent", "Insolvent or closed"


class CallOutcome(models.Model):
    """One call as it went."""

    task = models.ForeignKey(CallTask, models.PROTECT, related_name="outcomes")
    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="call_outcomes", db_index=False)
    outcome = models.CharField(max_length=12, choices=Outcome)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False)
    promise = models.ForeignKey("reminders.PromiseToPay", models.SET_NULL, null=True, related_name="+")
    # What it changed, so that it can be taken back for a short while; and when it was.
    did = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["client", "at"], name="call_outcome_by_client")]

    def __str__(self) -> str:
        return self.get_outcome_display()


class TaskKind(models.TextChoices):
    DECIDE = "decide", "Decide what comes next"
    ALLOCATE = "allocate", "Allocate credit on account"
    FIND_CONTACT = "find_contact", "Find a working contact"
    FIND_PAYMENT = "find_payment", "Find a payment"
    BROKEN_PROMISE = "broken_promise", "Promise broken"
    OUTCOME_UNKNOWN = "outcome_unknown", "Was it sent?"
    MISSED_INSTALMENT = "missed_instalment", "Instalment missed"
    PLAN_BROKEN = "plan_broken", "Payment plan broken"
    PLAN_REQUEST = "plan_request", "Asks for a payment plan"
    CREDIT_REVIEW = "credit_review", "Review the credit limit"
    CHECK_IN = "check_in", "Regular check-in"
    CARD_DISPUTE = "card_dispute", "Card payment disputed"
    CLIENT_REQUEST = "client_request", "Request from the portal"
    PAYMENT_FAILED = "payment_failed", "Payment failed"
    HARDSHIP_REVIEW = "hardship_review", "Review hardship"
    PLACEMENT = "placement", "Placement"
    ANSWER_REPLY = "answer_reply", "Answer a reply"
    RETURNED_PAYMENT = "returned_payment", "Payment went back"


class Task(models.Model):
    """Something a person has to do about a client that is not a call."""

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=20, choices=TaskKind)
    notice = models.OneToOneField("reminders.Notice", models.PROTECT, null=True, related_name="task")
    due_on = models.DateField()
    text = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=9, choices=TaskStatus, default=TaskStatus.OPEN)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client", "kind"], condition=Q(status="open"), name="one_open_task_per_kind"
            )
        ]
        indexes = [models.Index(fields=["due_on", "id"], name="task_queue", condition=Q(status="open"))]

    def __str__(self) -> str:
        return self.get_kind_display()
