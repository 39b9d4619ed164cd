"""Promises, blocks and disputes, as taken by staff."""

from __future__ import annotations

from typing import Any

from django import forms

from collections_app.formats import day, money
from invoices.models import Client, DisputeReason, Invoice
from invoices.queries.clients import open_items_of
from reminders.models import BlockReason, Channel

from .fields import DayField, MoneyField


class ItemsField(forms.ModelMultipleChoiceField):
    """Open items with their amounts, ticked."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, invoice: Invoice) -> str:
        return item_label(invoice)


def item_label(invoice: Invoice) -> str:
    return f"{invoice}, {money(invoice.open_amount, invoice.currency)} open, due {day(invoice.due_on)}"


class PromiseForm(forms.Form):
    """What the client commits to. All items must be in one currency."""

    items = ItemsField(Invoice.objects.none(), label="For these items")
    amount = MoneyField()
    promised_on = DayField(label="Paid by")
    made_by = forms.CharField(label="Who promised", max_length=120, required=False)
    how = forms.ChoiceField(choices=[("call", "Call"), ("mail", "Mail"), ("in person", "In person")])

    def __init__(self, client: Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].queryset = open_items_of(client.pk)

    def clean_items(self) -> list[Invoice]:
        items = list(self.cleaned_data["items"])
        currencies = sorted({item.currency for item in items})
        if len(currencies) > 1:
            text = f"These items are in {' and '.join(currencies)}. Take one promise for each currency."
            raise forms.ValidationError(text)
        return items


class BlockForm(forms.Form):
    reason = forms.ChoiceField(choices=BlockReason)
    last_on = DayField(label="Until, that day included", required=False, help_text="Left empty: until it is lifted.")
    invoice = forms.ModelChoiceField(
        Invoice.objects.none(), label="Only for", required=False, empty_label="The whole client"
    )
    channel = forms.ChoiceField(label="Channel", choices=[("", "Every channel"), *Channel.choices[:3]], required=False)
    note = forms.CharField(max_length=300, required=False)

    def __init__(self, client: Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invoice"].queryset = open_items_of(client.pk)
        self.fields["invoice"].label_from_instance = item_label


class DisputeForm(forms.Form):
    invoice = forms.ModelChoiceField(Invoice.objects.none())
    amount = MoneyField(label="Contested amount")
    reason = forms.ChoiceField(choices=DisputeReason)
    opened_by = forms.CharField(label="Who contests it", max_length=120)
    comment = forms.CharField(max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, client: Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invoice"].queryset = open_items_of(client.pk)
        self.fields["invoice"].label_from_instance = item_label
