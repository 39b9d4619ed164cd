"""Waiving a charge, adding a reference rate, asking what lateness costs."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from invoices.models import DebtorType
from invoices.rules.interest.records import AgreedRate, Payment, Scheme
from invoices.rules.interest.settling import Question
from invoices.services.rates import rate_table, schemes

from .clients import COUNTRIES
from .fields import CURRENCY_CHOICES, DayField, MoneyField

PAYMENT = re.compile(r"(\d{4}-\d{2}-\d{2})\s*[= :]\s*(\d{1,15}(?:\.\d{1,3})?)", re.ASCII)


class WaiveForm(forms.Form):
    reason = forms.CharField(max_length=200, help_text="Printed on the credit note, so the client reads it.")


class RateForm(forms.Form):
    series = forms.ChoiceField(choices=lambda: [(name, name) for name in rate_table().series])
    valid_from = DayField(label="In force from", help_text="The first day of the half-year: 1 January or 1 July.")
    rate = MoneyField(label="Percent a year", max_digits=7, decimal_places=4, help_text="Without the scheme's margin.")
    source = forms.CharField(max_length=200, help_text="Where it was published, so that anybody can check it.")


class InterestForm(forms.Form):
    scheme = forms.ChoiceField(choices=lambda: [(s.id, f"{s.name} ({s.id})") for s in schemes()])
    debtor_type = forms.ChoiceField(label="The debtor is a", choices=DebtorType.choices)
    amount = MoneyField(label="Invoice with tax")
    due = DayField(label="Due")
    paid = DayField(label="Paid", help_text="When the rest was paid; today for what is open.")
    currency = forms.ChoiceField(choices=[("", "The scheme's"), *CURRENCY_CHOICES], required=False)
    rate = MoneyField(label="Agreed rate, percent a year", max_digits=9, decimal_places=4, required=False)
    monthly_rate = MoneyField(label="Agreed rate, percent a month", max_digits=9, decimal_places=4, required=False)
    cap = MoneyField(label="Most interest the contract allows", required=False)
    payments = forms.CharField(
        label="Part payments before",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "2026-03-02 = 400.00"}),
        help_text="One a line: the day, = and the amount.",
    )
    country = forms.ChoiceField(choices=[("", "Not known"), *COUNTRIES], required=False)
    region = forms.CharField(max_length=10, required=False, help_text="For public holidays, such as BY.")

    first = ("scheme", "debtor_type", "amount", "currency", "due", "paid")

    def parts(self) -> tuple[list[forms.BoundField], list[forms.BoundField]]:
        """The few fields that are always asked, and the rest."""
        return [self[name] for name in self.first], [self[n] for n in self.fields if n not in self.first]

    @property
    def has_more(self) -> bool:
        return self.is_bound and any(self.data.get(name) for name in self.fields if name not in self.first)

    def clean_payments(self) -> tuple[Payment, ...]:
        lines = [line.strip() for line in self.cleaned_data["payments"].splitlines() if line.strip()]
        return tuple(payment(line) for line in lines)

    def question(self, scheme: Scheme) -> Question:
        given: dict[str, Any] = self.cleaned_data
        return Question(
            amount=given["amount"],
            currency=given["currency"] or scheme.currency or "USD",
            due_on=given["due"],
            paid_on=given["paid"],
            debtor_type=given["debtor_type"],
            payments=given["payments"],
            agreed=AgreedRate(yearly=given["rate"], monthly=given["monthly_rate"], cap_amount=given["cap"]),
            region=given["region"].upper(),
        )


def payment(line: str) -> Payment:
    found = PAYMENT.fullmatch(line)
    try:
        if found:
            return Payment(date.fromisoformat(found[1]), Decimal(found[2]))
    except (ValueError, InvalidOperation):
        pass
    raise ValidationError(f"“{line}” is no part payment. Write it as 2026-03-02 = 400.00.")
