from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from invoices.models import ReceiptMethod, ReversalReason
from invoices.queries.payables import group_of, other_currencies
from invoices.rules.exchange import implied_rate
from invoices.rules.money import exponent, is_whole
from invoices.services.receipts import NewReceipt
from invoices.services.transfers import NewTransfer

from .corrections import AmountForm
from .fields import CURRENCY_CHOICES, ClientField, DayField, MoneyField

METHODS = [choice for choice in ReceiptMethod.choices if choice[0] != ReceiptMethod.TRANSFER]


class ReceiptForm(forms.Form):
    """Money that came in, as on the bank statement.

    In a currency in which the client owes nothing, it asks what the bank credited in one in which he does (`owed`).
    """

    client = ClientField()
    amount = MoneyField()
    currency = forms.ChoiceField(choices=CURRENCY_CHOICES)
    received_on = DayField(label="Received on")
    method = forms.ChoiceField(choices=METHODS)
    reference = forms.CharField(max_length=140, required=False, help_text="As on the bank statement.")
    credited_amount = MoneyField(required=False, help_text="As on the bank statement, after the bank's exchange.")
    credited_currency = forms.ChoiceField(choices=CURRENCY_CHOICES, required=False)
    is_kept = forms.BooleanField(label="It was not exchanged: keep it on account as it came", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owed: list[str] = []

    def main_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("amount", "currency", "received_on", "method", "reference")]

    def clean_received_on(self) -> date:
        received_on = self.cleaned_data["received_on"]
        if received_on > localdate():
            raise ValidationError(f"{received_on:%d %B %Y} is still to come. Enter the receipt when the money is here.")
        return received_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_amount("amount", cleaned.get("currency"))
        client, currency = cleaned.get("client"), cleaned.get("currency")
        if client and currency:
            self.owed = other_currencies(group_of(client), currency)
            if self.owed:
                self._check_credited(cleaned)
        return cleaned

    def _check_amount(self, name: str, currency: str | None) -> None:
        amount = self.cleaned_data.get(name)
        if amount is not None and amount <= 0:
            self.add_error(name, "Enter an amount above 0.")
        elif amount is not None and currency and not is_whole(amount, currency):
            self.add_error(name, f"{currency} has {exponent(currency)} decimals, so {amount} cannot be paid in it.")

    def _check_credited(self, cleaned: dict[str, Any]) -> None:
        """Never converted here: the figure is the bank's, or the money is kept as it came."""
        owed = cleaned.get("credited_currency") or self.owed[0]
        self._check_amount("credited_amount", owed)
        is_answered = cleaned.get("credited_amount") is not None or cleaned.get("is_kept")
        if not is_answered and "credited_amount" not in self.errors:
            text = f"Give what the bank credited in {owed}, or say below that the money was not exchanged."
            self.add_error("credited_amount", text)
        elif owed not in self.owed:
            self.add_error("credited_currency", f"The open items are in {', '.join(self.owed)}.")

    @property
    def credited(self) -> tuple[Decimal, str] | None:
        """What the client is credited with instead of what came in; None when that is the same."""
        amount = self.cleaned_data.get("credited_amount")
        if not self.owed or amount is None or self.cleaned_data.get("is_kept"):
            return None
        return amount, self.cleaned_data.get("credited_currency") or self.owed[0]

    @property
    def rate(self) -> Decimal | None:
        """What the two amounts imply, to be compared; None while one of them is missing."""
        amount = self.cleaned_data.get("amount")
        return implied_rate(amount, self.credited[0]) if self.credited and amount else None

    @property
    def to_allocate(self) -> tuple[Decimal | None, str | None]:
        return self.credited or (self.cleaned_data.get("amount"), self.cleaned_data.get("currency"))

    @property
    def values(self) -> NewReceipt:
        given = {name: self.cleaned_data[name] for name in ("received_on", "method", "reference")}
        came_in = self.cleaned_data["amount"], self.cleaned_data["currency"]
        if self.credited:
            return NewReceipt(*self.credited, **given, received_amount=came_in[0], received_currency=came_in[1])
        return NewReceipt(*came_in, **given)


class ReverseForm(forms.Form):
    kind = forms.ChoiceField(label="Why", choices=ReversalReason)
    reason = forms.CharField(
        label="Note", max_length=200, required=False, help_text="Such as: account closed, reference of the bank."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") == ReversalReason.OTHER and not cleaned.get("reason", "").strip():
            self.add_error("reason", "Say in a few words why the money went back.")
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        return {"kind": ReversalReason(self.cleaned_data["kind"]), "reason": self.cleaned_data["reason"].strip()}


class MoveForm(AmountForm):
    """To which client money on account belongs."""

    client = ClientField(label="To client")
    reason = forms.CharField(max_length=200, help_text="Stands in the history of both clients.")
    field_order = ["client", "amount", "reason"]

    @property
    def values(self) -> NewTransfer:
        given = self.cleaned_data
        return NewTransfer(given["client"].pk, given["amount"], given["reason"])
