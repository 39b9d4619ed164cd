"""Payment terms, our own details, members of staff."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from collections_app.models import User
from collections_app.permissions import GROUPS
from invoices.models import Organisation, PaymentTerms
from invoices.rules.terms import TermsForm as Form

from .clients import COUNTRIES
from .fields import CURRENCY_CHOICES, DayField, MoneyField


class TermsForm(forms.ModelForm):
    discount_percent = MoneyField(max_digits=5, decimal_places=2, required=False, min_value=0, max_value=100)

    class Meta:
        model = PaymentTerms
        fields = [
            "code", "name", "form", "days", "day_of_month", "discount_percent", "discount_days", "text",
            "late_fee_clause", "is_default",
        ]  # fmt: skip
        labels = {
            "form": "Counted as",
            "day_of_month": "Day of the next month",
            "discount_percent": "Settlement discount %",
            "discount_days": "Discount days",
            "text": "Printed on the invoice",
            "is_default": "For clients without terms of their own",
        }
        help_texts = {"day_of_month": "Only for a fixed day; 31 is the last day of every month."}
        widgets = {"text": forms.Textarea(attrs={"rows": 2}), "late_fee_clause": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was_default = bool(self.instance.pk and self.instance.is_default)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day = cleaned.get("day_of_month")
        if cleaned.get("form") == Form.DAY_OF_NEXT_MONTH.value and not (day and day <= 31):
            self.add_error("day_of_month", "Give the day of the next month, from 1 to 31.")
        if (cleaned.get("discount_percent") is None) != (cleaned.get("discount_days") is None):
            self.add_error("discount_percent", "A settlement discount needs both a percentage and its days.")
        if self.was_default and not cleaned.get("is_default"):
            self.add_error("is_default", "Make other terms the default instead; there must be one.")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # A new default takes the place of the old one: the service sees to it, not the constraint.
        return {*super()._get_validation_exclusions(), "is_default"}

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields}


class TryForm(forms.Form):
    """What an invoice of this date would say."""

    issued_on = DayField(label="Invoice date", required=False)


class OrganisationForm(forms.ModelForm):
    country = forms.ChoiceField(choices=COUNTRIES)
    currency = forms.ChoiceField(choices=CURRENCY_CHOICES)
    write_off_limit = MoneyField(
        min_value=0,
        label="Write-off and refund limit",
        help_text="Above this, and in any other currency, a second person approves. In the currency of the books.",
    )
    small_difference = MoneyField(
        min_value=0, help_text="Up to this, the rest that a receipt leaves open may be written off at once."
    )

    class Meta:
        model = Organisation
        fields = [
            "name", "legal_name", "registration_number", "tax_number", "address", "country", "currency", "email",
            "phone", "bank_name", "account_holder", "iban", "bic", "write_off_limit", "small_difference",
        ]  # fmt: skip
        labels = {"iban": "IBAN", "bic": "BIC", "email": "E-mail", "currency": "Currency of the books"}
        widgets = {"address": forms.Textarea(attrs={"rows": 4})}

    groups = [
        ("Who we are", ["name", "legal_name", "registration_number", "tax_number", "address", "country", "currency"]),
        ("How clients reach us", ["email", "phone"]),
        ("Where they pay", ["bank_name", "account_holder", "iban", "bic"]),
        ("What one person may give away", ["write_off_limit", "small_difference"]),
    ]

    def clean_iban(self) -> str:
        """Without spaces; the check digits (ISO 13616) must fit, since a wrong digit sends the money elsewhere."""
        iban = self.cleaned_data["iban"].replace(" ", "").upper()
        if iban and not is_iban(iban):
            raise ValidationError(f"{iban} is not an IBAN: its check digits do not fit. Compare it again.")
        return iban

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields}

    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in self.groups]


def is_iban(iban: str) -> bool:
    if not (iban.isascii() and iban.isalnum() and 15 <= len(iban) <= 34):
        return False
    moved = iban[4:] + iban[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


class UserForm(forms.ModelForm):
    group = forms.ChoiceField(choices=[(name, name) for name in GROUPS], help_text="What this person may do.")

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email", "phone", "job_title", "is_active"]
        labels = {"email": "E-mail", "is_active": "May log in"}
        help_texts = {"username": "", "is_active": ""}

    field_order = ["username", "first_name", "last_name", "email", "phone", "job_title", "group", "is_active"]

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields}


class NewUserForm(UserForm):
    password = forms.CharField(
        label="First password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters. Tell it to the person; it can be changed from the menu.",
    )

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, User(username=self.cleaned_data.get("username", "")))
        return password
