from __future__ import annotations

from django.db import models
from django.db.models import Q

from ..rules.allocation import ClaimOrder


class Organisation(models.Model):
    """Us: the creditor, as printed on documents. One row."""

    name = models.CharField(max_length=200, default="Your company")
    legal_name = models.CharField(max_length=200, blank=True)
    registration_number = models.CharField(max_length=60, blank=True)
    tax_number = models.CharField(max_length=60, blank=True)
    address = models.TextField(blank=True, help_text="As printed, one line a row.")
    country = models.CharField(max_length=2, default="US")
    currency = models.CharField(max_length=3, default="USD")
    email = models.EmailField(blank=True, help_text="Clients' answers go here.")
    phone = models.CharField(max_length=40, blank=True)
    bank_name = models.CharField(max_length=100, blank=True)
    account_holder = models.CharField(max_length=100, blank=True)
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    locked_through = models.DateField(
        null=True, blank=True, help_text="The closed month's last day: nothing is booked on it or before."
    )
    write_off_limit = models.DecimalField(
        max_digits=18,
        decimal_places=3,
        default=500,
        help_text="Above this a second person approves a write-off or a refund. In the currency of the books.",
    )
    small_difference = models.DecimalField(
        max_digits=18,
        decimal_places=3,
        default=1,
        help_text="Up to this, what a receipt leaves open may be written off at once. In the currency of the books.",
    )
    brand_colour = models.CharField(
        max_length=7, blank=True, db_default="", help_text="Such as #0a6e5c: buttons of the portal and of mails."
    )
    logo = models.FileField(upload_to="brand", max_length=200, blank=True, help_text="PNG or SVG, up to 200 kB.")
    plan_limit = models.DecimalField(
        max_digits=18,
        decimal_places=3,
        default=5000,
        db_default=5000,
        help_text="Up to this a collector may agree a payment plan alone. In the currency of the books.",
    )
    plan_months = models.PositiveSmallIntegerField(
        default=6, db_default=6, help_text="The longest payment plan that needs no manager, in months."
    )
    settlement_percent = models.PositiveSmallIntegerField(
        default=10, db_default=10, help_text="Up to this share may be waived in a settlement without a manager."
    )
    hourly_send_limit = models.PositiveIntegerField(
        default=5000, db_default=5000, help_text="More messages than this in an hour stop all sending, and ask."
    )
    sending_alarm = models.CharField(
        max_length=300, blank=True, db_default="", editable=False, help_text="Why sending stopped by itself."
    )
    claim_order = models.CharField(
        max_length=15,
        choices=[(order.value, order.label) for order in ClaimOrder],
        default=ClaimOrder.PRINCIPAL_FIRST.value,
        db_default=ClaimOrder.PRINCIPAL_FIRST.value,
        help_text="What money pays first, where neither the payer nor the client's own setting says.",
    )
    is_sending_stopped = models.BooleanField(
        default=False, help_text="The kill switch: no notice leaves while it is set."
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_organisation")]

    def __str__(self) -> str:
        return self.name
