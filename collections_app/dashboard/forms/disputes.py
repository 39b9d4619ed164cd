"""Where a dispute stands, and how it ends."""

from __future__ import annotations

from typing import Any

from django import forms

from collections_app.models import User
from invoices.models import Dispute
from reminders.services.disputes import Progress

from .fields import DayField, MoneyField

HOW_ENDS = [("accepted", "Accepted"), ("rejected", "Rejected"), ("withdrawn", "Withdrawn")]


class DisputeProgressForm(forms.Form):
    amount = MoneyField(label="Contested amount", help_text="The rest of the invoice is dunned and payable.")
    answer_by = DayField(label="Answered by", required=False)
    owner = forms.ModelChoiceField(User.objects.none(), required=False, empty_label="Nobody")
    words = forms.CharField(
        label="Words to the client",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Mailed with the day of our answer. Left empty: nothing is mailed.",
    )

    def __init__(self, dispute: Dispute, data: Any = None) -> None:
        start = {"amount": dispute.amount, "answer_by": dispute.answer_by, "owner": dispute.owner_id}
        super().__init__(data, initial=start)
        self.fields["owner"].queryset = User.objects.filter(is_active=True).order_by("first_name", "username")
        self.fields["owner"].label_from_instance = lambda user: user.full_name

    @property
    def values(self) -> Progress:
        return Progress(**self.cleaned_data)


class AnswerDisputeForm(forms.Form):
    status = forms.ChoiceField(label="How it ends", choices=HOW_ENDS)
    outcome = forms.CharField(
        label="What was found", widget=forms.Textarea(attrs={"rows": 3}), help_text="For ourselves."
    )
    words = forms.CharField(
        label="Words to the client",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Added to the mail that says how it ended.",
    )
