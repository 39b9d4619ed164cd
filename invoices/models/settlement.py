from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .fields import currency_field, money_field


class SettlementStatus(models.TextChoices):
    PROPOSED = "proposed", "Waiting for approval"
    OFFERED = "offered", "Offered"
    PAID = "paid", "Paid"
    LAPSED = "lapsed", "Lapsed"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REFUSED = "refused", "Refused"
    REVERSED = "reversed", "Taken back"


class Settlement(models.Model):
    """A smaller sum in full discharge of some items, until it expires. Unpaid by then, all is owed again by itself.

    Nothing is booked while it is only offered. Paid in time, the rest of the items is waived; if that money goes back
    later, so does the waiver.
    """

    client = models.ForeignKey("invoices.Client", models.PROTECT, related_name="settlements")
    currency = currency_field()
    open_amount = money_field(help_text="What the items had open when it was offered.")
    amount = money_field(help_text="What settles them.")
    expires_on = models.DateField(help_text="The last day on which it can be paid.")
    status = models.CharField(max_length=9, choices=SettlementStatus, default=SettlementStatus.PROPOSED)
    reason = models.CharField(max_length=200)
    agreed_by = models.CharField(max_length=120, blank=True, help_text="Who at the client.")
    asked_on = models.DateField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_on = models.DateField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, help_text="When the client accepted it in the portal.")
    ended_on = models.DateField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lt=F("open_amount")), name="settlement_is_less"),
        ]
        indexes = [
            # offers of some clients, and the tick that lets them lapse
            models.Index(fields=["expires_on", "id"], name="settlement_offered", condition=Q(status="offered")),
            models.Index(fields=["client"], name="settlement_by_client", condition=Q(status="offered")),
            # the queue of those that wait for approval, and its count in the navigation
            models.Index(fields=["id"], name="settlement_proposed", condition=Q(status="proposed")),
        ]

    def __str__(self) -> str:
        return f"Settlement {self.pk}"


class SettlementItem(models.Model):
    """An invoice of a settlement, what it had open, and its share of the smaller sum."""

    settlement = models.ForeignKey(Settlement, models.CASCADE, related_name="items")
    invoice = models.ForeignKey("invoices.Invoice", models.PROTECT, related_name="settlement_items")
    open_amount = money_field()
    amount = money_field()
    # False once the settlement has ended. Never twice: an invoice is in one live settlement.
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(is_live=True), name="one_live_settlement_per_invoice"
            ),
            models.UniqueConstraint(fields=["settlement", "invoice"], name="one_item_per_settlement"),
        ]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} in settlement {self.settlement_id}"
