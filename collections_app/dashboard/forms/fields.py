"""Fields that several forms share."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from invoices.models import Client
from invoices.rules.money import EXPONENTS

GROUPED = re.compile(r"^-?\d{1,3}([ ,'\u00a0\u202f]\d{3})+(\.\d+)?$")
# The currencies offered first; any ISO 4217 code may be typed in an import.
CURRENCIES = sorted({"AUD", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "INR", "JPY", "NOK", "NZD", "PLN"}
                    | {"SEK", "SGD", "USD", "ZAR"} | {"KWD", "BHD"} & set(EXPONENTS))  # fmt: skip
CURRENCY_CHOICES = [(code, code) for code in CURRENCIES]


class MoneyField(forms.DecimalField):
    """An amount as people type it: `1,234.50` and `1 234.50` are understood; `1.234,50` is refused, not guessed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 18)
        kwargs.setdefault("decimal_places", 3)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, str):
            value = value.strip()
            if GROUPED.match(value):
                value = re.sub(r"[ ,'\u00a0\u202f]", "", value)
            elif "," in value:
                raise ValidationError(f"“{value}” can be read in two ways. Write it with a point, as in 1234.50.")
        try:
            return super().to_python(value)
        except ValidationError:
            raise ValidationError(f"“{value}” is not an amount. Write it with a point, as in 1234.50.")

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class DayField(forms.DateField):
    """A day with the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class ClientField(forms.CharField):
    """A client by code or full name; the list of suggestions comes with each letter (`client_options`)."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"list": "client-options", "autocomplete": "off", "placeholder": "Code or name"}
        super().__init__(max_length=200, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> Client | None:
        text = super().clean(value)
        if not text:
            return None
        by_code = Client.objects.filter(code=text).select_related("terms").first()
        if by_code:
            return by_code
        found = list(Client.objects.filter(name__iexact=text).select_related("terms")[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise ValidationError(f"Several clients are called “{text}”. Choose one by its code.")
        raise ValidationError(f"There is no client “{text}”. Choose one from the list, or type its code.")
