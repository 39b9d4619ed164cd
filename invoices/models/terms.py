from __future__ import annotations

from django.db import models

from ..rules.terms import TermsForm


class PaymentTerms(models.Model):
    """When and how an invoice is to be paid. `rules.terms.due_date` turns it into a date."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    form = models.CharField(max_length=20, choices=[(f.value, f.label) for f in TermsForm], default=TermsForm.NET.value)
    days = models.PositiveSmallIntegerField(default=30)
    day_of_month = models.PositiveSmallIntegerField(null=True, blank=True)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    discount_days = models.PositiveSmallIntegerField(null=True, blank=True)
    late_fee_clause = models.TextField(blank=True)
    text = models.TextField(blank=True, help_text="Printed on the invoice, beside the due date.")
    is_default = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "payment terms"
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_terms"
            )
        ]

    def __str__(self) -> str:
        return self.name
