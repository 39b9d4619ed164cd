from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .fields import currency_field, money_field


class NumberSeries(models.Model):
    """The next number of a series of documents. Read and raised under the row lock, at issue: no gaps, no doubles."""

    code = models.CharField(max_length=20, unique=True)
    prefix = models.CharField(max_length=20, default="INV-")
    digits = models.PositiveSmallIntegerField(default=5)
    next_value = models.PositiveBigIntegerField(default=1)

    class Meta:
        verbose_name_plural = "number series"

    def __str__(self) -> str:
        return self.code


class InvoiceStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    ISSUED = "issued", "Issued"
    VOID = "void", "Void"


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", "Invoice"
    CHARGE = "charge", "Late charge"


class Invoice(models.Model):
    """A document that says what is owed. A draft has no number and owes nothing; an issued one is never edited."""

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="invoices")
    kind = models.CharField(
        max_length=7, choices=InvoiceKind, default=InvoiceKind.INVOICE, db_default=InvoiceKind.INVOICE
    )
    status = models.CharField(max_length=6, choices=InvoiceStatus, default=InvoiceStatus.DRAFT)
    number = models.CharField(max_length=40, unique=True, null=True)
    issued_on = models.DateField()
    due_on = models.DateField()
    terms = models.ForeignKey("invoices.PaymentTerms", models.PROTECT, null=True, blank=True, related_name="+")
    currency = currency_field()
    net_amount = money_field(default=0)
    tax_amount = money_field(default=0)
    total_amount = money_field(default=0)
    # What is left to pay. Only services.ledger.post moves it; check_ledger recomputes it from the entries.
    open_amount = money_field(default=0)
    closed_on = models.DateField(null=True, editable=False)
    # How often the item was settled and then owed again by a new cause; 1 at first.
    cycle = models.PositiveSmallIntegerField(default=1, editable=False)
    reference = models.CharField(max_length=80, blank=True, help_text="The client's purchase order or reference.")
    text = models.TextField(blank=True)
    delivered_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(open_amount__gte=0, open_amount__lte=F("total_amount")), name="invoice_open_within_total"
            ),
            models.CheckConstraint(condition=Q(status="issued") | Q(open_amount=0), name="invoice_only_issued_is_open"),
            models.CheckConstraint(
                condition=Q(status="issued", number__isnull=False) | ~Q(status="issued"),
                name="invoice_issued_has_number",
            ),
        ]
        indexes = [
            # reminders.queries.open_items and the client page: open items of some clients
            models.Index(fields=["client", "due_on"], name="invoice_open_by_client", condition=Q(open_amount__gt=0)),
            # the list of open items by due date, and ageing tiles
            models.Index(fields=["due_on", "id"], name="invoice_open_by_due", condition=Q(open_amount__gt=0)),
            # the list of all invoices, newest first
            models.Index(fields=["issued_on", "id"], name="invoice_by_issue"),
        ]

    def __str__(self) -> str:
        return self.number or f"Draft {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.open_amount > 0


class InvoiceLine(models.Model):
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=300)
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    unit_price = models.DecimalField(max_digits=18, decimal_places=4)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    tax_rate = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    net_amount = money_field()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="one_line_per_position")]

    def __str__(self) -> str:
        return self.description
