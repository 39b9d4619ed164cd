from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ..rules.instalments import Frequency
from .fields import currency_field, money_field


class PlanStatus(models.TextChoices):
    PROPOSED = "proposed", "Waiting for approval"
    ACTIVE = "active", "In force"
    KEPT = "kept", "Paid in full"
    BROKEN = "broken", "Broken"
    REPLACED = "replaced", "Replaced by another plan"
    CANCELLED = "cancelled", "Cancelled"
    REFUSED = "refused", "Refused"


class PaymentPlan(models.Model):
    """An agreed split of what is open over dates. While it stands its instalments are what is due and chased.

    What is paid is no column: it is what the plan's invoices have less open than when it was agreed
    (`rules.plans`). A change is a new plan that replaces this one, so that the history stays.
    """

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="plans")
    currency = currency_field()
    total_amount = money_field(help_text="What the instalments sum to: the items open when it was agreed.")
    status = models.CharField(max_length=9, choices=PlanStatus, default=PlanStatus.PROPOSED)
    frequency = models.CharField(max_length=11, choices=[(f.value, f.label) for f in Frequency])
    first_on = models.DateField()
    grace_days = models.PositiveSmallIntegerField(
        default=5, help_text="Business days after an instalment's date until the plan counts as broken."
    )
    # An early payoff by this day settles the plan for less; empty: none is offered.
    payoff_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    payoff_until = models.DateField(null=True, blank=True)
    agreed_on = models.DateField()
    agreed_by = models.CharField(max_length=120, blank=True, help_text="Who at the client.")
    how = models.CharField(max_length=40, blank=True, help_text="Call, portal, mail.")
    note = models.CharField(max_length=300, blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ended_on = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(total_amount__gt=0), name="plan_above_zero"),
        ]
        indexes = [
            # the planner's accounts, the portal, and the tick that judges plans
            models.Index(fields=["client"], name="plan_in_force", condition=Q(status="active")),
            # the queue of those that wait for approval, and its count in the navigation
            models.Index(fields=["id"], name="plan_proposed", condition=Q(status="proposed")),
        ]

    def __str__(self) -> str:
        return f"Plan {self.pk}"


class PlanItem(models.Model):
    """An invoice of a plan and what it had open when the plan was agreed."""

    plan = models.ForeignKey(PaymentPlan, models.CASCADE, related_name="items")
    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="plan_items")
    amount = money_field()
    # False once the plan has ended. Never twice: an invoice is in one live plan.
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice"], condition=Q(is_live=True), name="one_live_plan_per_invoice"),
            models.UniqueConstraint(fields=["plan", "invoice"], name="one_item_per_plan"),
        ]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} in plan {self.plan_id}"


class Instalment(models.Model):
    """Fixed when the plan is agreed; instalments sum to the plan's total. Position 0 is a down payment."""

    plan = models.ForeignKey(PaymentPlan, models.CASCADE, related_name="instalments")
    position = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = money_field()
    missed_on = models.DateField(null=True, help_text="When the client was told that it is missing.")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="one_instalment_per_position"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="instalment_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} by {self.due_on}"


class Deferral(models.Model):
    """A later due date agreed for one item. The old date stays here; the invoice carries the new one."""

    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="deferrals")
    old_due_on = models.DateField()
    new_due_on = models.DateField()
    reason = models.CharField(max_length=200)
    agreed_on = models.DateField()
    agreed_by = models.CharField(max_length=120, blank=True, help_text="Who at the client.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(new_due_on=F("old_due_on")), name="deferral_moves_the_date"),
        ]

    def __str__(self) -> str:
        return f"{self.old_due_on} to {self.new_due_on}"
