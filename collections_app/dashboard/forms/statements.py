"""What a statement of account, or the export of the ledger, is about: a period and what to list."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from invoices.rules.periods import Period, presets
from invoices.rules.statement import StatementKind

from .fields import DayField

EARLIEST = date(1970, 1, 1)


class PeriodForm(forms.Form):
    """The period of an address: `period` names a preset, else two days. `chosen` is the preset's own when it is bad."""

    default = "quarter"
    first_on = DayField(label="From", required=False)
    last_on = DayField(label="To", required=False)

    def __init__(self, data: Any, *, today: date, **kwargs: Any) -> None:
        self.presets = presets(today)
        self.key = data.get("period", "")
        if self.key not in self.presets:
            self.key = "" if data.get("first_on") or data.get("last_on") else self.default
        super().__init__(data, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first_on, last_on = cleaned.get("first_on"), cleaned.get("last_on")
        if self.key or self.errors:
            return cleaned
        if not (first_on and last_on):
            raise ValidationError("Give both the first and the last day.")
        if last_on < first_on:
            raise ValidationError(f"The period ends on {last_on:%d %B %Y}, before it begins on {first_on:%d %B %Y}.")
        if first_on < EARLIEST:
            raise ValidationError(f"{first_on.isoformat()} is before any books. Choose a day from 1970 on.")
        return cleaned

    @property
    def chosen(self) -> Period:
        """The period asked for; the default one where that is not a period (`problems` says why)."""
        if self.key:
            return self.presets[self.key][1]
        if self.is_valid():
            return Period(self.cleaned_data["first_on"], self.cleaned_data["last_on"])
        return self.presets[self.default][1]

    @property
    def problems(self) -> list[str]:
        if self.key:
            return []
        return [
            f"{self.fields[name].label}: {error}" if name in self.fields else error
            for name, errors in self.errors.items()
            for error in errors
        ]


class StatementForm(PeriodForm):
    """`usual`: the layout that this client gets, shown where the address names none."""

    layout = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in StatementKind], required=False)

    def __init__(self, data: Any, *, usual: str = StatementKind.OPEN_ITEM.value, **kwargs: Any) -> None:
        self.usual = StatementKind(usual)
        super().__init__(data, **kwargs)

    @property
    def kind(self) -> StatementKind:
        raw = self.data.get("layout", "")
        return StatementKind(raw) if raw in list(StatementKind) else self.usual

    @property
    def query(self) -> dict[str, str]:
        """What an address needs to show the same again, on any day."""
        first_on, last_on = self.chosen
        return {"first_on": first_on.isoformat(), "last_on": last_on.isoformat(), "layout": self.kind.value}
