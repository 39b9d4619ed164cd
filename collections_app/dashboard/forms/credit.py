"""Credit asked for, checked and decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.timezone import localdate

from invoices.models import Client, CreditApplication, CreditPolicy
from invoices.services.credit import Grant

from .fields import DayField, MoneyField


class ApplicationForm(forms.ModelForm):
    """What the client asks for, and what he says of himself."""

    asked_amount = MoneyField(label="Credit asked for", required=False, min_value=0)
    trading_since = forms.IntegerField(label="Trading since", required=False, min_value=1500, help_text="Year.")
    checks = forms.CharField(
        label="What was checked",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Register, credit agency, accounts: what was looked at and found.",
    )

    class Meta:
        model = CreditApplication
        fields = ["asked_amount", "asked_by", "registration_number", "trading_since", "bank", "checks"]
        labels = {"asked_by": "Who asks", "registration_number": "Registry number"}

    def __init__(self, client: Client, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"registration_number": client.registration_number})
        super().__init__(*args, **kwargs)
        self.fields["asked_amount"].label = f"Credit asked for, {client.currency}"

    def clean_trading_since(self) -> int | None:
        year = self.cleaned_data["trading_since"]
        if year and year > localdate().year:
            raise forms.ValidationError(f"{year} is yet to come.")
        return year


class LimitForm(forms.Form):
    """A decision: how much, what happens above it, why, and until when it stands."""

    amount = MoneyField(label="Credit limit", required=False, min_value=0, help_text="Left empty: no limit.")
    policy = forms.ChoiceField(
        label="Above it",
        choices=[
            (CreditPolicy.WARN.value, "Say so before an invoice is issued"),
            (CreditPolicy.STOP.value, "Stop the invoice; a manager may issue it with a reason"),
        ],
    )
    note = forms.CharField(label="Why", max_length=300)
    review_on = DayField(label="Look at it again on", required=False)

    def __init__(self, client: Client, *args: Any, amount: Any = None, **kwargs: Any) -> None:
        start = {"amount": client.credit_limit if amount is None else amount, "policy": client.credit_policy}
        kwargs.setdefault("initial", {**start, "review_on": localdate() + timedelta(days=365)})
        super().__init__(*args, **kwargs)
        self.fields["amount"].label = f"Credit limit, {client.currency}"

    @property
    def grant(self) -> Grant:
        return Grant(**self.cleaned_data)


class RefusalForm(forms.Form):
    reason = forms.CharField(label="Why it is refused", max_length=300)


class ReferenceForm(forms.Form):
    name = forms.CharField(label="Supplier", max_length=120)
    contact = forms.CharField(label="Whom to ask", max_length=120, required=False)


class ReferenceAnswerForm(forms.Form):
    answer = forms.CharField(label="What they say", max_length=300)
