"""Credit notes, write-offs and refunds, as staff ask for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from invoices.models import WriteOffReason
from invoices.rules.crediting import ByAmount, ByLine, ByPieces, Creditable, LineLeft, What, Whole
from invoices.rules.money import ZERO, exponent, is_whole, plain
from invoices.services.refunds import NewRefund
from invoices.services.write_offs import NewWriteOff

from .fields import MoneyField

WHOLE, PIECES, LINES, AMOUNT = "whole", "pieces", "lines", "amount"


class CreditForm(forms.Form):
    """What a credit note takes back. `Creditable` says what there is; only the fields of the chosen way are shown."""

    how = forms.ChoiceField(label="Credit", widget=forms.RadioSelect)
    amount = MoneyField(label="Amount with tax", required=False)
    reason = forms.CharField(
        max_length=200,
        help_text="Printed on the credit note.",
        # What is typed while the figures are read again stays.
        widget=forms.TextInput(attrs={"hx-preserve": "true"}),
    )

    def __init__(self, left: Creditable, data: Any = None) -> None:
        super().__init__(data, initial={"how": WHOLE})
        self.left = left
        whole = f"All that is left: {plain(left.total, left.currency)} {left.currency}"
        ways = [(WHOLE, whole), (PIECES, "A number of pieces"), (LINES, "Some lines, or less of them")]
        has_lines = any(line.line_id for line in left.lines)
        missing = ({LINES} if not has_lines else set()) | ({PIECES} if not self.counted else set())
        self.fields["how"].choices = [way for way in [*ways, (AMOUNT, "An amount")] if way[0] not in missing]
        for line in left.lines:
            self._add(f"line-{line.line_id}", MoneyField(label=f"Net amount of {line.description}", required=False))
        for line in self.counted:
            self._add(f"pieces-{line.line_id}", MoneyField(label=f"Pieces of {line.description}", required=False))

    def _add(self, name: str, field: MoneyField) -> None:
        field.widget.attrs["class"] = "input num"
        self.fields[name] = field

    @property
    def counted(self) -> list[LineLeft]:
        """The lines that have pieces left."""
        return [line for line in self.left.lines if line.pieces]

    @property
    def way(self) -> str:
        """How it is to be credited, before the form is whole."""
        return self["how"].value() or WHOLE

    def line_rows(self) -> list[tuple[Any, forms.BoundField]]:
        return [(line, self[f"line-{line.line_id}"]) for line in self.left.lines]

    def piece_rows(self) -> list[tuple[Any, forms.BoundField]]:
        return [(line, self[f"pieces-{line.line_id}"]) for line in self.counted]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("how") == AMOUNT and cleaned.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "Give the amount that is credited, tax included.")
        if cleaned.get("how") == LINES and not self.nets and not self.errors:
            raise ValidationError("Give the net amount that is credited of at least one line.")
        if cleaned.get("how") == PIECES and not self.pieces and not self.errors:
            raise ValidationError("Give the number of pieces that is credited of at least one line.")
        return cleaned

    @property
    def nets(self) -> dict[int | None, Decimal]:
        return self._typed("line")

    @property
    def pieces(self) -> dict[int | None, Decimal]:
        return self._typed("pieces")

    def _typed(self, what: str) -> dict[int | None, Decimal]:
        given = {line.line_id: self.cleaned_data.get(f"{what}-{line.line_id}") for line in self.left.lines}
        return {line_id: figure for line_id, figure in given.items() if figure}

    @property
    def what(self) -> What:
        how = self.cleaned_data.get("how")
        if how == AMOUNT:
            return ByAmount(self.cleaned_data.get("amount") or ZERO)
        if how == PIECES:
            return ByPieces(self.pieces)
        return ByLine(self.nets) if how == LINES else Whole()


class AmountForm(forms.Form):
    """An amount out of what there is; the currency says how many decimals."""

    amount = MoneyField()

    def __init__(self, most: Decimal, currency: str, data: Any = None) -> None:
        super().__init__(data, initial={"amount": most})
        self.most, self.currency = most, currency

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount <= 0:
            raise ValidationError("Enter an amount above 0.")
        if not is_whole(amount, self.currency):
            raise ValidationError(f"{self.currency} has {exponent(self.currency)} decimals, so {amount} is none.")
        if amount > self.most:
            raise ValidationError(f"Only {plain(self.most, self.currency)} {self.currency} is there.")
        return amount


class WriteOffForm(AmountForm):
    reason = forms.ChoiceField(
        choices=[one for one in WriteOffReason.choices if one[0] != WriteOffReason.SMALL_DIFFERENCE]
    )
    note = forms.CharField(max_length=300, required=False, help_text="Why we no longer expect this money.")
    is_claim_alive = forms.BooleanField(
        label="The claim lives on: money that still comes is a recovery", required=False, initial=True
    )

    @property
    def values(self) -> NewWriteOff:
        return NewWriteOff(**self.cleaned_data)


class RefundForm(AmountForm):
    reason = forms.CharField(max_length=200, help_text="Such as: paid twice, goods returned.")
    reference = forms.CharField(max_length=140, required=False, help_text="As on our bank transfer.")

    @property
    def values(self) -> NewRefund:
        return NewRefund(**self.cleaned_data)


class WhyForm(forms.Form):
    reason = forms.CharField(max_length=200)
