from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from reminders.rules.payruns import PayRuns, read_days

from .fields import DayField


class PayRunsForm(forms.Form):
    """Days of the month, or every so many weeks; nothing: no days are known."""

    days = forms.CharField(
        label="Days of the month",
        required=False,
        max_length=60,
        help_text="Such as 15, 31; 31 is the last of any month.",
    )
    weeks = forms.IntegerField(label="Or every so many weeks", required=False, min_value=1, max_value=8)
    anchor_on = DayField(label="One of these days", required=False, help_text="The others lie whole weeks from it.")

    def clean_days(self) -> tuple[int, ...]:
        try:
            return read_days(self.cleaned_data["days"])
        except ValueError as error:
            raise ValidationError("Write the days as numbers from 1 to 31, such as 15, 31.") from error

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("days") and given.get("weeks"):
            raise ValidationError("Give days of the month or a number of weeks, not both.")
        if given.get("weeks") and not given.get("anchor_on"):
            self.add_error("anchor_on", "Say one day on which the client paid: the weeks are counted from it.")
        return given

    @property
    def runs(self) -> PayRuns | None:
        given = self.cleaned_data
        if not given["days"] and not given["weeks"]:
            return None
        return PayRuns(given["days"], given["weeks"] or 0, given["anchor_on"] if given["weeks"] else None)
