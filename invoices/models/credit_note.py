from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .fields import currency_field, money_field
from .invoice import TaxCategory


class CreditNote(models.Model):
    """The document that corrects an issued invoice: in whole, by line or by amount. Issued at once, never edited.

    It first reduces what the invoice has open; the rest is on account and can be allocated or refunded.
    """

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="credit_notes")
    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="credit_notes")
    number = models.CharField(max_length=40, unique=True)
    issued_on = models.DateField()
    currency = currency_field()
    reason = models.CharField(max_length=200)
    net_amount = money_field()
    tax_amount = money_field(default=0)
    total_amount = money_field()
    # Only services.ledger.post moves it; check_ledger recomputes it from the entries.
    unapplied_amount = money_field(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(total_amount__gt=0), name="credit_note_above_zero"),
            models.CheckConstraint(
                condition=Q(unapplied_amount__gte=0, unapplied_amount__lte=F("total_amount")),
                name="credit_note_unapplied_within_total",
            ),
        ]
        indexes = [
            # credit on account of some clients
            models.Index(fields=["client"], name="credit_note_on_account", condition=Q(unapplied_amount__gt=0)),
            # the list of credit notes, newest first
            models.Index(fields=["issued_on", "id"], name="credit_note_by_issue"),
        ]

    def __str__(self) -> str:
        return self.number


class CreditNoteLine(models.Model):
    credit_note = models.ForeignKey(CreditNote, models.CASCADE, related_name="lines")
    # The line it takes back; empty where an amount was credited, which stands on one line per tax rate.
    invoice_line = models.ForeignKey("invoices.InvoiceLine", models.PROTECT, null=True, related_name="credit_lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=300)
    # Where a number of pieces was credited.
    quantity = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    tax_category = models.CharField(
        max_length=2, choices=TaxCategory, default=TaxCategory.STANDARD, db_default=TaxCategory.STANDARD
    )
    tax_rate = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    net_amount = money_field()
    # Its part of the tax, which is computed per rate: the lines of a rate sum to it.
    tax_amount = money_field(default=0)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.description
