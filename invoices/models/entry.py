from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from .fields import currency_field, money_field


class EntryKind(models.TextChoices):
    ISSUED = "issued", "Invoice issued"
    VOIDED = "voided", "Invoice voided"
    RECEIVED = "received", "Receipt"
    ALLOCATED = "allocated", "Allocation"
    UNALLOCATED = "unallocated", "Allocation undone"
    REVERSED = "reversed", "Receipt reversed"
    REFUNDED = "refunded", "Refund"
    CREDITED = "credited", "Credit note"
    WRITTEN_OFF = "written_off", "Write-off"
    RECOVERED = "recovered", "Write-off reversed"
    DISCOUNTED = "discounted", "Settlement discount"
    UNDISCOUNTED = "undiscounted", "Settlement discount taken back"
    SETTLED = "settled", "Waived by a settlement"
    UNSETTLED = "unsettled", "Settlement taken back"
    MOVED = "moved", "Moved between clients"


class Entry(models.Model):
    """One movement of what a client owes: positive is owed more. Never edited or deleted: a mistake is reversed.

    An entry with an invoice moves that invoice's open amount; one without moves the part on account of its
    receipt or credit note.
    An allocation is a pair: minus on the invoice, plus on account.
    """

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="entries")
    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, null=True, related_name="entries")
    receipt = models.ForeignKey("invoices.Receipt", models.PROTECT, null=True, related_name="entries")
    credit_note = models.ForeignKey("invoices.CreditNote", models.PROTECT, null=True, related_name="entries")
    write_off = models.ForeignKey("invoices.WriteOff", models.PROTECT, null=True, related_name="+", db_index=False)
    discount = models.ForeignKey("invoices.Discount", models.PROTECT, null=True, related_name="+", db_index=False)
    settlement = models.ForeignKey("invoices.Settlement", models.PROTECT, null=True, related_name="+", db_index=False)
    allocation = models.ForeignKey("invoices.Allocation", models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=EntryKind)
    amount = money_field()
    currency = currency_field()
    booked_on = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(invoice__isnull=False) | Q(receipt__isnull=False) | Q(credit_note__isnull=False),
                name="entry_moves_something",
            ),
            # Never twice: an invoice is issued once.
            models.UniqueConstraint(fields=["invoice"], condition=Q(kind="issued"), name="issued_once"),
            models.UniqueConstraint(fields=["receipt"], condition=Q(kind="received"), name="received_once"),
        ]
        indexes = [
            # queries.open_on: what was booked after a day, or until it
            models.Index(fields=["booked_on"], name="entry_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.currency}"
