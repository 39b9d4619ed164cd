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
    # Of an invoice in parts: when the oldest part that is not paid falls due; services.ledger moves it on.
    due_on = models.DateField()
    # As printed on the document, where a deferral agreed a later date since.
    original_due_on = models.DateField(null=True, editable=False)
    # 0: due in one sum. Else the position of the oldest part that is not paid.
    current_part = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
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
    buyer_reference = models.CharField(
        max_length=80, blank=True, db_default="", help_text="Who ordered, as the client asks for it on invoices."
    )
    project = models.CharField(max_length=120, blank=True, db_default="")
    text = models.TextField(blank=True)
    # The settlement discount as offered at issue; later changes of the terms do not touch it.
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, editable=False)
    discount_until = models.DateField(null=True, editable=False)
    discount_grace_days = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    is_discount_pro_rata = models.BooleanField(default=False, db_default=False, editable=False)
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


class InvoicePart(models.Model):
    """One part of an invoice with split terms, fixed at issue: the parts sum to the total. Paid oldest first."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = money_field()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="one_part_per_position"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="invoice_part_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} by {self.due_on}"


class LineKind(models.TextChoices):
    """EN 16931: invoice line (BG-25), document level allowance (BG-20) and charge (BG-21)."""

    LINE = "line", "Line"
    ALLOWANCE = "allowance", "Allowance"
    SURCHARGE = "surcharge", "Surcharge"


class TaxCategory(models.TextChoices):
    """UNCL 5305, as EN 16931 uses it."""

    STANDARD = "S", "Standard"
    ZERO = "Z", "Zero rated"
    EXEMPT = "E", "Exempt"
    REVERSE_CHARGE = "AE", "Reverse charge"
    INTRA_COMMUNITY = "K", "Intra-community supply"
    EXPORT = "G", "Export"
    OUT_OF_SCOPE = "O", "Not subject to tax"


class InvoiceLine(models.Model):
    """A line, or an allowance or surcharge on the whole document; an allowance has a negative net amount.

    Of those two, `unit_price` is the amount, or the base of which it is `discount_percent` percent
    (EN 16931 BT-92 to BT-94, BT-99 to BT-101); one row per tax category and rate (`rules.adjusting`).
    """

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=9, choices=LineKind, default=LineKind.LINE, db_default=LineKind.LINE)
    description = models.CharField(max_length=300)
    unit = models.CharField(max_length=20, blank=True, db_default="", help_text="Such as hours, kg, pieces.")
    quantity = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    unit_price = models.DecimalField(max_digits=18, decimal_places=4)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    tax_category = models.CharField(
        max_length=2, choices=TaxCategory, default=TaxCategory.STANDARD, db_default=TaxCategory.STANDARD
    )
    tax_rate = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    net_amount = money_field()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["invoice", "position"], name="one_line_per_position")]

    def __str__(self) -> str:
        return self.description
