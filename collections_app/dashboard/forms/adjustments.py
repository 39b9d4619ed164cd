"""Allowances and surcharges on a whole draft, as typed under its lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from invoices.models import Invoice, LineKind
from invoices.queries.documents import amounts_of
from invoices.rules.adjusting import Adjustment, CannotAdjust, Spread, gathered, spread
from invoices.services.issuing import NewLine

from .fields import MoneyField

ZERO = Decimal(0)
KINDS = [(LineKind.ALLOWANCE.value, "Allowance"), (LineKind.SURCHARGE.value, "Surcharge")]


class AdjustmentForm(forms.Form):
    """One of them: an amount, or a percentage of the lines. A row without figures and words is left out."""

    kind = forms.ChoiceField(choices=KINDS, required=False)
    description = forms.CharField(label="Reason", max_length=300, required=False)
    percent = MoneyField(
        label="Percent of the lines", max_digits=5, decimal_places=2, required=False, min_value=0, max_value=100
    )
    amount = MoneyField(label="Or an amount", required=False, min_value=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input num" if isinstance(field, MoneyField) else "input"

    @property
    def is_blank(self) -> bool:
        return not any(
            self.data.get(self.add_prefix(name), "").strip() for name in ("description", "percent", "amount")
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_blank or self.errors:
            return cleaned
        if not cleaned.get("description"):
            self.add_error("description", "Say what it is for: it is printed on the invoice.")
        if bool(cleaned.get("percent")) == bool(cleaned.get("amount")):
            self.add_error("amount", "Give either a percentage or an amount above 0.")
        return cleaned

    @property
    def value(self) -> Adjustment:
        given = self.cleaned_data
        kind = given["kind"] or LineKind.ALLOWANCE.value
        return Adjustment(kind, given["description"], given["amount"] or ZERO, given["percent"] or ZERO)


class Adjustments:
    """The rows as one form: `adjust-0`, `adjust-1`, ...; `adjustments` says how many. One empty row at the end."""

    def __init__(self, data: Any = None, invoice: Invoice | None = None) -> None:
        self.error = ""
        if data is not None:
            raw = data.get("adjustments", "0")
            count = min(int(raw) if raw.isdecimal() else 0, 20) + ("more_adjustments" in data)
            self.forms = [AdjustmentForm(data, prefix=f"adjust-{n}") for n in range(count)]
        else:
            given = [one._asdict() for one in adjustments_of(invoice)] if invoice else []
            rows = [{**one, "amount": one["amount"] or None, "percent": one["percent"] or None} for one in given]
            self.forms = [AdjustmentForm(initial=row, prefix=f"adjust-{n}") for n, row in enumerate([*rows, {}])]

    @property
    def used(self) -> list[AdjustmentForm]:
        return [form for form in self.forms if not form.is_blank]

    def is_valid(self) -> bool:
        return not [form for form in self.used if not form.is_valid()]

    @property
    def has_any(self) -> bool:
        return any((form.is_bound and not form.is_blank) or form.initial for form in self.forms)

    def rows(self, lines: Sequence[NewLine], currency: str) -> list[NewLine]:
        """As lines of the draft, spread over the tax of its lines; none, and an `error`, where that cannot be."""
        try:
            return new_lines(spread([form.value for form in self.used], [line.amounts for line in lines], currency))
        except CannotAdjust as error:
            self.error = str(error)
            return []


def new_lines(rows: Sequence[Spread]) -> list[NewLine]:
    return [
        NewLine(
            row.description,
            row.amounts.quantity,
            row.amounts.unit_price,
            tax_rate=row.amounts.tax_rate,
            discount_percent=row.amounts.discount_percent,
            tax_category=row.amounts.tax_category,
            kind=row.amounts.kind,
        )
        for row in rows
    ]


def adjustments_of(invoice: Invoice) -> list[Adjustment]:
    """As they were entered."""
    lines = invoice.lines.exclude(kind=LineKind.LINE)
    return gathered([Spread(line.description, amounts_of(line)) for line in lines])
