from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from invoices.models import Client, Invoice, LineKind, PaymentTerms, TaxCategory
from invoices.queries.schedules import has_typed_due_date
from invoices.rules.invoicing import mixture_error, tax_error
from invoices.services.issuing import NewInvoice, NewLine

from .fields import CURRENCY_CHOICES, ClientField, DayField, MoneyField

EMPTY_ROWS = 3
HEAD = ("currency", "issued_on", "due_on", "terms", "delivered_on", "reference", "buyer_reference", "project", "text")
LINE = ("description", "quantity", "unit", "unit_price", "discount_percent", "tax_category", "tax_rate")


class InvoiceForm(forms.Form):
    """The head of a draft."""

    client = ClientField()
    currency = forms.ChoiceField(choices=CURRENCY_CHOICES)
    issued_on = DayField(label="Invoice date")
    terms = forms.ModelChoiceField(
        PaymentTerms.objects.order_by("name"), required=False, empty_label="The client's terms"
    )
    due_on = DayField(label="Due date", required=False, help_text="Left empty, the terms decide.")
    delivered_on = DayField(label="Delivered on", required=False)
    reference = forms.CharField(max_length=80, required=False, help_text="The client's purchase order or reference.")
    buyer_reference = forms.CharField(
        label="Ordered by", max_length=80, required=False, help_text="As the client asks for it on invoices."
    )
    project = forms.CharField(max_length=120, required=False)
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
        return NewInvoice(**{name: self.cleaned_data[name] for name in HEAD})

    @staticmethod
    def initial_of(invoice: Invoice) -> dict[str, Any]:
        given = {"client": invoice.client.code, **{name: getattr(invoice, name) for name in HEAD}}
        # Left empty, it goes on following the terms.
        return given if has_typed_due_date(invoice) else {**given, "due_on": None}


class LineForm(forms.Form):
    """One line. A row without a word and a price is left out."""

    description = forms.CharField(max_length=300, required=False)
    quantity = MoneyField(max_digits=12, decimal_places=3, initial=Decimal(1), required=False)
    unit = forms.CharField(max_length=20, required=False)
    unit_price = MoneyField(max_digits=18, decimal_places=4, required=False)
    discount_percent = MoneyField(max_digits=5, decimal_places=2, required=False, min_value=0, max_value=100)
    tax_category = forms.ChoiceField(choices=TaxCategory.choices, initial=TaxCategory.STANDARD, required=False)
    tax_rate = MoneyField(max_digits=5, decimal_places=2, required=False, min_value=0, max_value=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input num" if isinstance(field, MoneyField) else "input"

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
        if error := tax_error(cleaned.get("tax_category") or "", cleaned.get("tax_rate") or Decimal(0)):
            self.add_error("tax_rate", error)
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
            tax_category=given["tax_category"] or TaxCategory.STANDARD,
            unit=given["unit"],
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
            lines = invoice.lines.filter(kind=LineKind.LINE) if invoice else []
            given = [{name: getattr(line, name) for name in LINE} for line in lines]
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
        if is_right and not self.error:
            self.error = mixture_error(line.tax_category for line in self.values)
        return is_right and not self.error

    @property
    def values(self) -> list[NewLine]:
        return [form.value for form in self.used]


class VoidForm(forms.Form):
    reason = forms.CharField(max_length=200, help_text="Kept with the invoice; the client does not see it.")


def today_initial(client: Client | None, today: date, currency: str) -> dict[str, Any]:
    given: dict[str, Any] = {"issued_on": today, "currency": client.currency if client else currency}
    return {**given, "client": client.code} if client else given
