from __future__ import annotations

from django.db import models

from ..rules.calendar import Convention
from ..rules.instalments import Share
from ..rules.terms import TermsForm
from .fields import money_field


class PaymentTerms(models.Model):
    """When and how an invoice is to be paid. `rules.terms.due_date` turns it into a date."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    form = models.CharField(max_length=20, choices=[(f.value, f.label) for f in TermsForm], default=TermsForm.NET.value)
    days = models.PositiveSmallIntegerField(default=30)
    day_of_month = models.PositiveSmallIntegerField(null=True, blank=True)
    convention = models.CharField(
        max_length=18,
        choices=[(c.value, c.label) for c in Convention],
        default=Convention.NONE.value,
        db_default=Convention.NONE.value,
        help_text="Where a due date goes that falls on a weekend or public holiday of the client's country.",
    )
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    discount_days = models.PositiveSmallIntegerField(null=True, blank=True)
    discount_grace_days = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="Days after the printed date on which the discount is still given."
    )
    is_discount_pro_rata = models.BooleanField(
        default=False, db_default=False, help_text="A part payment in time earns its share of the discount."
    )
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


class TermsPart(models.Model):
    """One part of split terms: how much of the invoice (`rules.instalments.Part`), and when it is due.

    Terms with parts ignore their own form and days. The last part is the remainder.
    """

    terms = models.ForeignKey(PaymentTerms, models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    share = models.CharField(max_length=20, choices=[(s.value, s.label) for s in Share])
    value = money_field(default=0, help_text="Percent, or money for a fixed part; nothing for the remainder.")
    months = models.PositiveSmallIntegerField(default=0)
    days = models.PositiveSmallIntegerField(default=0)
    day_of_month = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["terms", "position"], name="one_terms_part_per_position")]

    def __str__(self) -> str:
        return f"{self.terms_id} part {self.position}"
