from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from invoices.models import DebtorType
from reminders.models import DunningProcedure, ProcedureStatus

from .clients import COUNTRIES
from .fields import CURRENCY_CHOICES, MoneyField


def active() -> Any:
    return DunningProcedure.objects.filter(status=ProcedureStatus.ACTIVE).order_by("name")


class SegmentForm(forms.Form):
    """Conditions left empty fit every client; all given ones have to fit."""

    procedure = forms.ModelChoiceField(DunningProcedure.objects.none(), label="Served by")
    country = forms.ChoiceField(choices=[("", "Any"), *COUNTRIES], required=False)
    currency = forms.ChoiceField(choices=[("", "Any"), *CURRENCY_CHOICES], required=False)
    debtor_type = forms.ChoiceField(label="Debtor type", choices=[("", "Any"), *DebtorType.choices], required=False)
    segment = forms.CharField(required=False, max_length=40, help_text="The word in the client's own segment field.")
    minimum_amount = MoneyField(label="Owes at least", min_value=0, required=False, help_text="In his own currency.")
    maximum_amount = MoneyField(label="Owes less than", min_value=0, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["procedure"].queryset = active()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        least, most = given.get("minimum_amount"), given.get("maximum_amount")
        if least is not None and most is not None and most <= least:
            raise ValidationError(f"Nobody owes {least} or more and less than {most}.")
        return given


class InvoicePinForm(forms.Form):
    procedure = forms.ModelChoiceField(
        DunningProcedure.objects.none(), required=False, empty_label="The client's, as for his other invoices"
    )
    reason = forms.CharField(max_length=200, required=False, help_text="Why this invoice is treated differently.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["procedure"].queryset = active()


class SkipForm(forms.Form):
    reason = forms.CharField(max_length=200, help_text="It stays in the record.")
