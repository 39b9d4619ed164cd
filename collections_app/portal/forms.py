"""What clients may say. The invoices they tick come beside the form and are looked up by `access`."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.timezone import localdate

from invoices.models import DisputeReason
from reminders.rules.promises import LONGEST_DAYS

from .uploads import FilesField


class AmountField(forms.DecimalField):
    """Takes 1234.50 and 1234,50; grouped figures are refused, since 1.234 can mean two things."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(min_value=Decimal("0.001"), max_digits=18, decimal_places=3, widget=widget, **kwargs)
        self.error_messages["invalid"] = "Enter an amount such as 1234.50."
        self.error_messages["min_value"] = "Enter an amount above 0."

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").strip().replace("\u00a0", "").replace(" ", "")
        if re.fullmatch(r"[0-9]+,[0-9]{1,3}", text):
            text = text.replace(",", ".")
        return super().to_python(text)


def date_input(**limits: str) -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", **limits})


class PayForm(forms.Form):
    """`choice` is "overdue", "selected", "settlement" (which one) or "account"; `amount` pays a part, oldest first."""

    currency = forms.RegexField(r"\A[A-Z]{3}\Z")
    choice = forms.ChoiceField(choices=[("overdue", ""), ("selected", ""), ("settlement", ""), ("account", "")])
    settlement = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    plan = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    amount = AmountField(required=False, label="Pay a part only")


class PromiseForm(forms.Form):
    promised_on = forms.DateField(label="I will pay on")
    amount = AmountField(required=False, label="Amount", help_text="Leave empty to promise the whole sum.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = localdate()
        last = today + timedelta(days=LONGEST_DAYS)
        self.fields["promised_on"].widget = date_input(min=today.isoformat(), max=last.isoformat())
        self.fields["promised_on"].help_text = f"At the latest {last.day} {last:%B %Y}."


class ProblemForm(forms.Form):
    reason = forms.ChoiceField(label="What is wrong?", choices=DisputeReason)
    amount = AmountField(label="Amount that is not right")
    comment = forms.CharField(
        label="Tell us more",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What would put it right?",
    )
    files = FilesField(label="Files")


class PaidForm(forms.Form):
    paid_on = forms.DateField(label="Paid on")
    reference = forms.CharField(
        required=False, max_length=140, label="Reference of your transfer", help_text="It helps us to find the money."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paid_on"].widget = date_input(max=localdate().isoformat())
