"""Handing a claim over, and to whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from invoices.models import Client, Invoice
from reminders.models import Partner, PartnerKind
from reminders.queries.placements import active_partners, placeable
from reminders.services.placements import NewPlacement

from .standing import ItemsField


class PlacementForm(forms.Form):
    partner = forms.ModelChoiceField(Partner.objects.none(), label="To", empty_label="Choose")
    items = ItemsField(Invoice.objects.none(), label="These items")
    commission_percent = forms.DecimalField(
        label="Commission in percent",
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text="Left empty: the partner's usual one.",
    )
    reference = forms.CharField(label="Their file number", max_length=80, required=False)
    note = forms.CharField(
        label="For the partner to know",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Printed in the hand-over file.",
    )

    def __init__(self, client: Client, data: Any = None, *, kind: str = "", ready: Sequence[int] = ()) -> None:
        super().__init__(data, initial={"items": list(ready)})
        partners = active_partners(kind)
        self.fields["partner"].queryset = partners
        if len(partners) == 1:
            self.initial["partner"] = partners[0].pk
        self.fields["items"].queryset = placeable(client.pk)

    @property
    def values(self) -> NewPlacement:
        given = self.cleaned_data
        return NewPlacement(
            given["partner"].pk,
            [item.pk for item in given["items"]],
            given["commission_percent"],
            given["reference"],
            given["note"],
        )


class PartnerForm(forms.Form):
    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=PartnerKind)
    email = forms.EmailField(required=False)
    phone = forms.CharField(max_length=40, required=False)
    commission_percent = forms.DecimalField(
        label="Usual commission in percent", min_value=0, max_value=100, max_digits=5, decimal_places=2, initial=0
    )
    note = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
    is_active = forms.BooleanField(label="Takes claims", required=False, initial=True)

    def __init__(self, *args: Any, partner: Partner | None = None, **kwargs: Any) -> None:
        if partner is not None:
            kwargs["initial"] = {name: getattr(partner, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
