from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from .fields import currency_field
from .invoice import LineKind, TaxCategory


class RecurringFrequency(models.TextChoices):
    MONTHLY = "monthly", "Monthly"
    QUARTERLY = "quarterly", "Quarterly"
    YEARLY = "yearly", "Yearly"


class RecurringStatus(models.TextChoices):
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    ENDED = "ended", "Ended"


class RecurringInvoice(models.Model):
    """What is invoiced again and again. Dates are anchored on `first_on`: 31 January, 28 February, 31 March."""

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="recurring_invoices")
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=6, choices=RecurringStatus, default=RecurringStatus.ACTIVE)
    frequency = models.CharField(max_length=9, choices=RecurringFrequency, default=RecurringFrequency.MONTHLY)
    first_on = models.DateField(help_text="The first invoice date; the others keep its day of the month.")
    last_on = models.DateField(null=True, blank=True, help_text="No invoice is dated after this day.")
    count = models.PositiveSmallIntegerField(null=True, blank=True, help_text="End after so many invoices.")
    # The next one, worked out and moved on by the service that issues; null: none follows.
    next_on = models.DateField(null=True, editable=False)
    currency = currency_field()
    terms = models.ForeignKey("invoices.PaymentTerms", models.PROTECT, null=True, blank=True, related_name="+")
    reference = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True, help_text="{period} stands for the period, such as June 2026.")
    is_automatic = models.BooleanField(
        default=True, help_text="Issued and mailed by itself; otherwise a draft waits for someone."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [
            # the tick: WHERE status = active AND next_on <= today ORDER BY next_on, id
            models.Index(
                fields=["next_on", "id"],
                name="recurring_due",
                condition=Q(status=RecurringStatus.ACTIVE, next_on__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name


class RecurringLine(models.Model):
    """A line from `valid_from` until `valid_until`, both included: a price change is a second row."""

    recurring = models.ForeignKey(RecurringInvoice, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=9, choices=LineKind, default=LineKind.LINE)
    description = models.CharField(max_length=300)
    unit = models.CharField(max_length=20, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    unit_price = models.DecimalField(max_digits=18, decimal_places=4)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    tax_category = models.CharField(max_length=2, choices=TaxCategory, default=TaxCategory.STANDARD)
    tax_rate = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.description


class RecurringIssue(models.Model):
    """One period of a recurring invoice. Never twice: one row per period, written with the invoice."""

    recurring = models.ForeignKey(RecurringInvoice, models.PROTECT, related_name="issues")
    period_on = models.DateField(help_text="The invoice date by the schedule.")
    invoice = models.OneToOneField("invoices.Invoice", models.PROTECT, null=True, related_name="recurring_issue")
    skipped_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recurring", "period_on"], name="one_issue_per_period")]

    def __str__(self) -> str:
        return f"{self.recurring_id} {self.period_on}"
