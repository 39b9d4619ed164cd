from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .fields import currency_field, money_field


class ReceiptMethod(models.TextChoices):
    BANK = "bank", "Bank transfer"
    CARD = "card", "Card"
    DIRECT_DEBIT = "direct_debit", "Direct debit"
    CHEQUE = "cheque", "Cheque"
    CASH = "cash", "Cash"
    TRANSFER = "transfer", "Moved from another client"
    OTHER = "other", "Other"


class ReversalReason(models.TextChoices):
    """Why money went back."""

    RETURNED_DEBIT = "returned_debit", "Returned direct debit"
    CHARGEBACK = "chargeback", "Chargeback"
    BOUNCED_CHEQUE = "bounced_cheque", "Bounced cheque"
    RECALLED = "recalled", "Transfer recalled by the bank"
    MISTAKE = "mistake", "Entered by mistake"
    OTHER = "other", "Other"


class Receipt(models.Model):
    """Money that came in. What is not allocated is on account (`unapplied_amount`)."""

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="receipts")
    received_on = models.DateField()
    # What the client is credited with. Where other money came in, that stands below.
    amount = money_field()
    currency = currency_field()
    received_amount = money_field(null=True, editable=False)
    received_currency = currency_field(blank=True, db_default="", editable=False)
    # Only services.ledger.post moves it; check_ledger recomputes it from the entries.
    unapplied_amount = money_field(default=0)
    method = models.CharField(max_length=12, choices=ReceiptMethod, default=ReceiptMethod.BANK)
    reference = models.CharField(max_length=140, blank=True)
    # Recognises the same line of an imported file or the same online payment: "once" is this constraint.
    fingerprint = models.CharField(max_length=64, unique=True, null=True, editable=False)
    reversible_until = models.DateField(null=True, blank=True)
    reversed_on = models.DateField(null=True, editable=False)
    reversal_reason = models.CharField(max_length=14, choices=ReversalReason, blank=True, db_default="", editable=False)
    # The receipt of another client whose amount on account was moved here.
    moved_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="moved_to", editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_amount_above_zero"),
            models.CheckConstraint(
                condition=Q(unapplied_amount__gte=0, unapplied_amount__lte=F("amount")),
                name="receipt_unapplied_within_amount",
            ),
        ]
        indexes = [
            # credit on account of some clients
            models.Index(fields=["client"], name="receipt_on_account", condition=Q(unapplied_amount__gt=0)),
            # the list of receipts, newest first
            models.Index(fields=["received_on", "id"], name="receipt_by_date"),
        ]

    def __str__(self) -> str:
        return self.reference or f"Receipt {self.pk}"


class Allocation(models.Model):
    """This much of this receipt or credit note to this invoice. Never edited: an undo is a second, negated row."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, null=True, related_name="allocations")
    credit_note = models.ForeignKey("invoices.CreditNote", models.PROTECT, null=True, related_name="allocations")
    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="allocations")
    amount = money_field()
    allocated_on = models.DateField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(receipt__isnull=False, credit_note__isnull=True)
                | Q(receipt__isnull=True, credit_note__isnull=False),
                name="allocation_of_receipt_or_credit_note",
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.receipt or self.credit_note} to invoice {self.invoice_id}"
