"""Our own details, members of staff."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from collections_app.models import User
from collections_app.permissions import GROUPS
from invoices.models import Organisation
from invoices.rules.allocation import ClaimOrder

from .clients import COUNTRIES
from .fields import CURRENCY_CHOICES, MoneyField


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

    claim_order = forms.ChoiceField(
        label="Order",
        choices=[(order.value, order.label) for order in ClaimOrder],
        required=False,
        help_text="Where neither the payer nor the client's own setting says.",
    )

    class Meta:
        model = Organisation
        fields = [
            "name", "legal_name", "registration_number", "tax_number", "address", "country", "currency", "email",
            "phone", "bank_name", "account_holder", "iban", "bic", "write_off_limit", "small_difference",
            "claim_order",
        ]  # fmt: skip
        labels = {"iban": "IBAN", "bic": "BIC", "email": "E-mail", "currency": "Currency of the books"}
        widgets = {"address": forms.Textarea(attrs={"rows": 4})}

    groups = [
        ("Who we are", ["name", "legal_name", "registration_number", "tax_number", "address", "country", "currency"]),
        ("How clients reach us", ["email", "phone"]),
        ("Where they pay", ["bank_name", "account_holder", "iban", "bic"]),
        ("What one person may give away", ["write_off_limit", "small_difference"]),
        ("What money pays first", ["claim_order"]),
    ]

    def clean_claim_order(self) -> str:
        return self.cleaned_data["claim_order"] or self.instance.claim_order

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
