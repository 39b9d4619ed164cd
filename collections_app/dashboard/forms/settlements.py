"""A settlement as staff agree it, and the word on a discount that came late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.timezone import localdate

from invoices.models import Client, Invoice
from invoices.queries.settlements import settleable
from invoices.rules.settlements import LONGEST_DAYS, Asked
from invoices.services.settlements import NewSettlement

from .fields import DayField, MoneyField
from .standing import ItemsField

USUAL_DAYS = 14


class SettlementForm(forms.Form):
    """All items in one currency, which the service insists on."""

    items = ItemsField(Invoice.objects.none(), label="For these items")
    amount = MoneyField(label="Smaller sum that settles them")
    expires_on = DayField(
        label="Last day to pay it",
        help_text=f"Nothing is sent about these items until then, so at most {LONGEST_DAYS} days.",
    )
    reason = forms.CharField(max_length=200, help_text="Why we take less. It stays with the loss.")
    agreed_by = forms.CharField(label="Agreed with", max_length=120, required=False)

    def __init__(self, client: Client, data: Any = None, *, chosen: list[int] | None = None) -> None:
        rows = settleable(client.pk)
        start = chosen or list(rows.filter(currency=client.currency).values_list("pk", flat=True))
        initial = {"items": start, "expires_on": localdate() + timedelta(days=USUAL_DAYS)}
        super().__init__(data, initial=initial)
        self.fields["items"].queryset = rows

    @property
    def asked(self) -> Asked | None:
        """What is typed so far; None while items, sum or day are missing, or the items are of two currencies."""
        self.is_valid()
        given = self.cleaned_data
        items = list(given.get("items") or [])
        if not items or given.get("amount") is None or not given.get("expires_on"):
            return None
        if len({item.currency for item in items}) > 1:
            return None
        return Asked([item.open_amount for item in items], given["amount"], items[0].currency, given["expires_on"])

    @property
    def values(self) -> NewSettlement:
        given = dict(self.cleaned_data)
        return NewSettlement([item.pk for item in given.pop("items")], **given)


class DecideDiscountForm(forms.Form):
    note = forms.CharField(label="Note", max_length=300, required=False)
