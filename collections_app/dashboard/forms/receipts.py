from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from invoices.models import ReceiptMethod
from invoices.rules.allocation import Payable, Share, suggest
from invoices.rules.money import ZERO, exponent, is_whole, plain
from invoices.services.receipts import NewReceipt

from .fields import CURRENCY_CHOICES, ClientField, DayField, MoneyField


class ReceiptForm(forms.Form):
    """Money that came in, as on the bank statement."""

    client = ClientField()
    amount = MoneyField()
    currency = forms.ChoiceField(choices=CURRENCY_CHOICES)
    received_on = DayField(label="Received on")
    method = forms.ChoiceField(choices=ReceiptMethod)
    reference = forms.CharField(max_length=140, required=False, help_text="As on the bank statement.")

    def clean_received_on(self) -> date:
        received_on = self.cleaned_data["received_on"]
        if received_on > localdate():
            raise ValidationError(f"{received_on:%d %B %Y} is still to come. Enter the receipt when the money is here.")
        return received_on

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        amount, currency = cleaned.get("amount"), cleaned.get("currency")
        if amount is not None and amount <= 0:
            self.add_error("amount", "Enter an amount above 0.")
        elif amount is not None and currency and not is_whole(amount, currency):
            self.add_error("amount", f"{currency} has {exponent(currency)} decimals, so {amount} cannot be paid in it.")
        return cleaned

    @property
    def values(self) -> NewReceipt:
        names = ("amount", "currency", "received_on", "method", "reference")
        return NewReceipt(**{name: self.cleaned_data[name] for name in names})


class ShareRow(NamedTuple):
    """One open item in the allocation table: what is typed for it, and what is wrong with that."""

    item: Payable
    typed: str
    error: str


class Shares:
    """How an amount is spread over open items. `basis` says for what the typed figures were meant: when the client,
    the amount or the currency changed since, they are suggested afresh."""

    def __init__(
        self, amount: Decimal, currency: str, items: list[Payable], data: Mapping[str, str], client: str
    ) -> None:
        self.currency, self.amount = currency, amount
        self.basis = f"{client}:{plain(amount, currency)}:{currency}"
        is_typed = data.get("basis") == self.basis and "suggest" not in data
        suggested = {share.invoice_id: plain(share.amount, currency) for share in suggest(amount, items)}
        given = {i.invoice_id: data.get(f"share-{i.invoice_id}", "") for i in items} if is_typed else suggested
        self.rows = [self._row(item, given.get(item.invoice_id, "")) for item in items]
        amounts = [(row.item.invoice_id, self._amount(row.typed)) for row in self.rows if not row.error]
        self.values = [Share(invoice_id, amount) for invoice_id, amount in amounts if amount]
        self.used = sum((share.amount for share in self.values), ZERO)
        self.rest = amount - self.used
        self.error = ""
        if self.rest < 0:
            over = f"{plain(-self.rest, currency)} {currency}"
            self.error = f"{over} more than the receipt is allocated. Lower some of the amounts."

    def _amount(self, typed: str) -> Decimal | None:
        try:
            return MoneyField(required=False).clean(typed)
        except ValidationError:
            return None

    def _row(self, item: Payable, typed: str) -> ShareRow:
        try:
            amount = MoneyField(required=False).clean(typed)
        except ValidationError as error:
            return ShareRow(item, typed, error.messages[0])
        if amount is not None and amount < 0:
            return ShareRow(item, typed, "Enter an amount above 0, or nothing.")
        if amount is not None and amount > item.open_amount:
            return ShareRow(item, typed, f"Only {plain(item.open_amount, self.currency)} is open.")
        if amount is not None and not is_whole(amount, self.currency):
            return ShareRow(item, typed, f"{self.currency} has {exponent(self.currency)} decimals.")
        return ShareRow(item, typed, "")

    def is_valid(self) -> bool:
        return not self.error and not any(row.error for row in self.rows)


class ReverseForm(forms.Form):
    reason = forms.CharField(max_length=200, help_text="Such as: direct debit returned, entered twice.")
