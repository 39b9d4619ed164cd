from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from invoices.models import Client, Invoice, PaymentTerms
from invoices.services.issuing import NewInvoice, NewLine

from .fields import CURRENCY_CHOICES, ClientField, DayField, MoneyField

EMPTY_ROWS = 3


class InvoiceForm(forms.Form):
    """The head of a draft."""

    client = ClientField()
    currency = forms.ChoiceField(choices=CURRENCY_CHOICES)
    issued_on = DayField(label="Invoice date")
    terms = forms.ModelChoiceField(
        PaymentTerms.objects.order_by("name"), required=False, empty_label="The client's terms"
    )
    due_on = DayField(label="Due date", required=False, help_text="Left empty, the terms decide.")
    reference = forms.CharField(max_length=80, required=False, help_text="The client's purchase order or reference.")
    text = forms.CharField(label="Text on the invoice", required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        issued_on, due_on = cleaned.get("issued_on"), cleaned.get("due_on")
        if issued_on and due_on and due_on < issued_on:
            text = f"The due date {due_on:%d %B %Y} is before the invoice date {issued_on:%d %B %Y}."
            self.add_error("due_on", text)
        return cleaned

    @property
    def client_chosen(self) -> Client:
        return self.cleaned_data["client"]

    @property
    def values(self) -> NewInvoice:
        names = ("currency", "issued_on", "due_on", "terms", "reference", "text")
        return NewInvoice(**{name: self.cleaned_data[name] for name in names})

    @staticmethod
    def initial_of(invoice: Invoice) -> dict[str, Any]:
        names = ("currency", "issued_on", "due_on", "terms", "reference", "text")
        return {"client": invoice.client.code, **{name: getattr(invoice, name) for name in names}}


class LineForm(forms.Form):
    """One line. A row without a word and a price is left out."""

    description = forms.CharField(max_length=300, required=False)
    quantity = MoneyField(max_digits=12, decimal_places=3, initial=Decimal(1), required=False)
    unit_price = MoneyField(max_digits=18, decimal_places=4, required=False)
    discount_percent = MoneyField(max_digits=5, decimal_places=2, required=False, min_value=0, max_value=100)
    tax_rate = MoneyField(max_digits=5, decimal_places=2, required=False, min_value=0, max_value=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input" if field is self.fields["description"] else "input num"

    @property
    def is_blank(self) -> bool:
        return not any(self.data.get(self.add_prefix(name), "").strip() for name in ("description", "unit_price"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_blank:
            return cleaned
        if not cleaned.get("description"):
            self.add_error("description", "Say what this line is for.")
        if "unit_price" not in self.errors and cleaned.get("unit_price") is None:
            self.add_error("unit_price", "Give a price; 0 for a free line.")
        if "quantity" not in self.errors and not cleaned.get("quantity"):
            raise ValidationError({"quantity": "Give a quantity above 0."})
        return cleaned

    @property
    def value(self) -> NewLine:
        given = self.cleaned_data
        zero = Decimal(0)
        return NewLine(
            given["description"],
            given["quantity"],
            given["unit_price"],
            tax_rate=given["tax_rate"] or zero,
            discount_percent=given["discount_percent"] or zero,
        )


class Lines:
    """The lines of a draft as one form: rows `line-0`, `line-1`, ...; `rows` says how many."""

    def __init__(self, data: Any = None, invoice: Invoice | None = None, default_tax: Decimal | None = None) -> None:
        self.error = ""
        if data is not None:
            count = min(int(data.get("rows", "0")) if data.get("rows", "0").isdecimal() else 0, 200)
            count += EMPTY_ROWS if "more" in data else 0
            self.forms = [LineForm(data, prefix=f"line-{n}") for n in range(count)]
        else:
            given = [vars_of(line) for line in invoice.lines.all()] if invoice else []
            fresh = {"quantity": Decimal(1), "tax_rate": default_tax}
            rows = [*given, *[fresh] * (EMPTY_ROWS if not given else 1)]
            self.forms = [LineForm(initial=row, prefix=f"line-{n}") for n, row in enumerate(rows)]

    @property
    def used(self) -> list[LineForm]:
        return [form for form in self.forms if not form.is_blank]

    def is_valid(self) -> bool:
        """Every used row is right, and there is at least one."""
        is_right = not [form for form in self.used if not form.is_valid()]
        if is_right and not self.used:
            self.error = "An invoice needs at least one line."
        return is_right and not self.error

    @property
    def values(self) -> list[NewLine]:
        return [form.value for form in self.used]


def vars_of(line: Any) -> dict[str, Any]:
    names = ("description", "quantity", "unit_price", "discount_percent", "tax_rate")
    return {name: getattr(line, name) for name in names}


class VoidForm(forms.Form):
    reason = forms.CharField(max_length=200, help_text="Kept with the invoice; the client does not see it.")


def today_initial(client: Client | None, today: date, currency: str) -> dict[str, Any]:
    given: dict[str, Any] = {"issued_on": today, "currency": client.currency if client else currency}
    return {**given, "client": client.code} if client else given
