from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .fields import money_field


class ReferenceRate(models.Model):
    """A reference rate that staff added to those shipped in invoices/data/rates; the later row wins."""

    series = models.CharField(max_length=40)
    valid_from = models.DateField()
    rate = models.DecimalField(max_digits=7, decimal_places=4, help_text="Percent a year.")
    source = models.CharField(max_length=200, help_text="Where it was published, so that anybody can check it.")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["series", "-valid_from"]
        constraints = [models.UniqueConstraint(fields=["series", "valid_from"], name="one_rate_per_series_and_day")]

    def __str__(self) -> str:
        return f"{self.series} from {self.valid_from}"


class ChargeKind(models.TextChoices):
    INTEREST = "interest", "Interest"
    COMPENSATION = "compensation", "Compensation"
    LATE_FEE = "late_fee", "Late fee"


class ChargeStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    ISSUED = "issued", "Issued"
    WAIVED = "waived", "Waived"
    DROPPED = "dropped", "Dropped"


class Charge(models.Model):
    """What lateness costs on one invoice, for a period: a document of its own, never an edit of the invoice.

    Issued, it stands on a document of its own, alone or with the others of its month, that owes the amount and bears
    no charges itself.
    """

    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="charges")
    document = models.ForeignKey("invoices.Invoice", models.PROTECT, null=True, related_name="itemised_charges")
    kind = models.CharField(max_length=12, choices=ChargeKind)
    rule = models.CharField(max_length=40, help_text="The scheme's id, such as uk-1998.")
    status = models.CharField(max_length=7, choices=ChargeStatus, default=ChargeStatus.DRAFT)
    from_on = models.DateField(null=True)
    through_on = models.DateField()
    amount = money_field()
    # The part found later to be too much (a back-dated receipt); unlike a waiver it may be charged again.
    corrected_amount = money_field(default=0, db_default=0)
    # Line by line as computed then: evidence, never computed again.
    computation = models.JSONField(default=dict)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # Never twice: one live charge per invoice, kind, rule and period.
            models.UniqueConstraint(
                fields=["invoice", "kind", "rule", "through_on"],
                condition=~Q(status="dropped"),
                name="one_charge_per_period",
            ),
            models.UniqueConstraint(
                fields=["invoice", "rule"],
                condition=Q(kind="compensation") & ~Q(status="dropped"),
                name="one_compensation_per_invoice",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "dropped"], document__isnull=True) | Q(document__isnull=False),
                name="issued_charge_has_document",
            ),
            models.CheckConstraint(
                condition=Q(from_on__isnull=True) | Q(from_on__lte=F("through_on")), name="charge_period"
            ),
            models.CheckConstraint(
                condition=Q(corrected_amount__gte=0, corrected_amount__lte=F("amount")), name="charge_corrected_within"
            ),
        ]
        indexes = [models.Index(fields=["id"], name="charge_draft", condition=Q(status="draft"))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on invoice {self.invoice_id}"
