from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from .outgoing import Outgoing, OutgoingStatus


class AcknowledgementKind(models.TextChoices):
    PAYMENT_RECEIVED = "payment_received", "Payment received"
    PROMISE_CONFIRMED = "promise_confirmed", "Promise confirmed"
    DISPUTE_RECEIVED = "dispute_received", "Dispute received"
    NEW_LINK = "new_link", "New portal link"
    COPY_OF_LETTER = "copy_of_letter", "Copy of a letter"
    STATEMENT = "statement", "Statement of account"
    INVOICE = "invoice", "Invoice"
    CREDIT_NOTE = "credit_note", "Credit note"
    WELCOME = "welcome", "Welcome letter"
    PLAN_AGREED = "plan_agreed", "Payment plan agreed"
    INSTALMENT_DUE = "instalment_due", "Instalment falls due"
    INSTALMENT_MISSED = "instalment_missed", "Instalment missing"
    PLAN_BROKEN = "plan_broken", "Payment plan ended"
    DEFERRAL_AGREED = "deferral_agreed", "Later due date agreed"
    SETTLEMENT_OFFERED = "settlement_offered", "Settlement offered"
    SETTLEMENT_PAID = "settlement_paid", "Settlement paid"
    PAYMENT_FAILED = "payment_failed", "Payment failed"
    PAYMENT_RETURNED = "payment_returned", "Payment went back"
    DISPUTE_ANSWERED = "dispute_answered", "Dispute answered"
    REQUEST_RECEIVED = "request_received", "Request received"
    REQUEST_ANSWERED = "request_answered", "Request answered"
    AUTOPAY_STARTED = "autopay_started", "Autopay set up"
    AUTOPAY_NOTICE = "autopay_notice", "Autopay will charge"
    AUTOPAY_ENDED = "autopay_ended", "Autopay switched off"
    STEP_UP_CODE = "step_up_code", "Code for the portal"
    REPLY_ANSWER = "reply_answer", "Answer to a reply"
    OPT_OUT_CONFIRMED = "opt_out_confirmed", "Opt-out confirmed"
    CHECK_IN = "check_in", "Regular check-in"
    CALL_MISSED = "call_missed", "Not reached by phone"


class Acknowledgement(Outgoing):
    """A mail that answers something the client did. Not dunning: no level, no memory, no interval."""

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="acknowledgements")
    contact = models.ForeignKey("invoices.Contact", models.SET_NULL, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=AcknowledgementKind)
    # Never twice: what this answers, such as "payment 17".
    once_key = models.CharField(max_length=80, unique=True)
    facts = models.JSONField(default=dict, help_text="What the words are made from.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="acknowledgement_ready", condition=Q(status=OutgoingStatus.APPROVED)),
            # what a provider tells about
            models.Index(fields=["provider_id"], name="ack_by_provider_id", condition=~Q(provider_id="")),
        ]

    def __str__(self) -> str:
        return self.once_key
