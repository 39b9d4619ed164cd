"""A recurring invoice, its start and its prices."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from invoices.models import Client, Invoice, PaymentTerms, RecurringFrequency, RecurringInvoice
from invoices.rules.instalments import add_months
from invoices.services.recurring import NewRecurring

from .fields import CURRENCY_CHOICES, ClientField, DayField, MoneyField

NAMES = NewRecurring._fields


class RecurringForm(forms.Form):
    """The head. Lines are those of a draft (`forms.invoices.Lines`)."""

    client = ClientField()
    name = forms.CharField(max_length=120, help_text="For you; the client does not see it.")
    frequency = forms.ChoiceField(choices=RecurringFrequency.choices)
    first_on = DayField(
        label="First invoice on", help_text="The others keep its day: 31 January, 28 February, 31 March."
    )
    last_on = DayField(label="Not after", required=False)
    count = forms.IntegerField(label="Or end after", required=False, min_value=1, max_value=999, help_text="Invoices.")
    currency = forms.ChoiceField(choices=CURRENCY_CHOICES)
    terms = forms.ModelChoiceField(
        PaymentTerms.objects.order_by("name"), required=False, empty_label="The client's terms"
    )
    reference = forms.CharField(max_length=80, required=False, help_text="The client's purchase order or reference.")
    text = forms.CharField(
        label="Text on the invoice",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="{period} becomes the period, such as June 2026; also in the lines.",
    )
    is_automatic = forms.BooleanField(
        label="Issue and mail it by itself",
        required=False,
        help_text="Otherwise a draft waits for someone to issue it.",
    )

    def __init__(self, *args: Any, recurring: RecurringInvoice | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if recurring:
            del self.fields["client"]

    @property
    def values(self) -> NewRecurring:
        return NewRecurring(**{name: self.cleaned_data[name] for name in NAMES})


def initial_of(recurring: RecurringInvoice) -> dict[str, Any]:
    return {name: getattr(recurring, name) for name in NAMES}


def fresh_initial(client: Client | None, today: date, currency: str) -> dict[str, Any]:
    given = {"frequency": RecurringFrequency.MONTHLY, "first_on": today, "is_automatic": True}
    if client is None:
        return {**given, "currency": currency}
    return {**given, "currency": client.currency, "client": client.code}


def initial_from(invoice: Invoice) -> dict[str, Any]:
    """The next one a month after this invoice, with its lines."""
    line = invoice.lines.first()
    return {
        "client": invoice.client.code,
        "name": line.description[:120] if line else "",
        "frequency": RecurringFrequency.MONTHLY,
        "first_on": add_months(invoice.issued_on, 1),
        "currency": invoice.currency,
        "terms": invoice.terms,
        "reference": invoice.reference,
        "text": invoice.text,
        "is_automatic": True,
    }


class StartForm(forms.Form):
    missed = forms.ChoiceField(
        choices=[("skip", "Skip them for good"), ("issue", "Invoice them now, dated today")],
        initial="skip",
        required=False,
        label="Dates that have passed",
    )

    @property
    def skips_missed(self) -> bool:
        return self.cleaned_data["missed"] != "issue"


class PriceForm(forms.Form):
    """From a day on, one line costs something else."""

    position = forms.TypedChoiceField(label="Line", coerce=int)
    unit_price = MoneyField(label="New price", max_digits=18, decimal_places=4)
    from_on = DayField(label="From", help_text="Invoices dated on this day or later.")

    def __init__(self, lines: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: dict[int, str] = {line.position: line.description for line in lines}
        self.fields["position"].choices = list(known.items())
