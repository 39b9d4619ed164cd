"""Procedures and their levels, as managers edit them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator

from reminders.models import Channel, DunningLevel, DunningProcedure, LevelKind, ProcedureStatus

from .fields import DayField, MoneyField

WORDS = {
    Channel.EMAIL: [
        ("friendly", "Friendly: falls due soon"),
        ("reminder", "Reminder"),
        ("firm", "Firm and friendly"),
        ("manager", "From the account manager"),
        ("demand", "Formal demand"),
        ("final", "Final notice"),
    ],
    Channel.LETTER: [("demand", "Formal demand"), ("final", "Final notice")],
    Channel.CALL: [("call", "Call script")],
    Channel.DECIDE: [("decide", "Decision")],
}
MOST_INTERVAL = 60  # days; the planner looks back 90
ALL_WORDS = list({name: label for choices in WORDS.values() for name, label in choices}.items())


class ProcedureForm(forms.ModelForm):
    """Limits that hold for every level."""

    tolerance_amount = MoneyField(min_value=0, help_text="An item with this much or less left to pay is not chased.")

    class Meta:
        model = DunningProcedure
        fields = (
            "name",
            "minimum_interval_days",
            "tolerance_amount",
            "promise_grace_days",
            "is_business_days_only",
            "respects_contact_rules",
            "bank_freshness_days",
            "pay_run_limit_days",
            "entry_policy",
        )
        labels = {
            "respects_contact_rules": "Keep to the contact rules",
            "bank_freshness_days": "Bank data may be so old",
            "pay_run_limit_days": "Wait for a pay run at most",
            "entry_policy": "Items that are late already",
            "minimum_interval_days": "Days between two contacts",
            "promise_grace_days": "Days of grace after a promise",
            "is_business_days_only": "Only on business days",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["minimum_interval_days"].max_value = MOST_INTERVAL
        self.fields["minimum_interval_days"].validators.append(MaxValueValidator(MOST_INTERVAL))
        self.fields["entry_policy"].required = False
        self.fields["entry_policy"].help_text = "Where they begin when the procedure is switched on."

    def clean_entry_policy(self) -> str:
        return self.cleaned_data["entry_policy"] or self.instance.entry_policy

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def validate_unique(self) -> None:
        """The service says it with its own sentence."""


class NewProcedureForm(forms.Form):
    name = forms.CharField(max_length=80)
    like = forms.ModelChoiceField(
        DunningProcedure.objects.order_by("name"),
        label="Start with the levels of",
        required=False,
        empty_label="None: an empty procedure",
    )


class LevelForm(forms.ModelForm):
    """One level. The position is asked for only when it is new: items remember levels by it."""

    minimum_amount = MoneyField(
        label="Floor", min_value=0, help_text="Passed over when the client owes less than this."
    )
    template = forms.ChoiceField(label="Words", choices=ALL_WORDS)

    class Meta:
        model = DunningLevel
        fields = (
            "position",
            "name",
            "days_past_due",
            "is_in_business_days",
            "channel",
            "template",
            "kind",
            "approval",
            "minimum_amount",
            "deadline_days",
            "too_late_days",
            "minimum_gap_days",
            "attaches_invoices",
        )
        labels = {
            "days_past_due": "Days past due",
            "is_in_business_days": "Count business days",
            "deadline_days": "Days to the deadline",
            "too_late_days": "Too late after",
            "minimum_gap_days": "Days after the level before",
            "attaches_invoices": "Attach copies of the invoices",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["minimum_gap_days"].required = False
        if self.instance.pk:
            del self.fields["position"]
        else:
            self.fields["position"].required = False
            self.fields["position"].help_text = "Left empty: after the last one. A free number between two also works."

    def clean_minimum_gap_days(self) -> int:
        return self.cleaned_data["minimum_gap_days"] or 0

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        channel, template = given.get("channel"), given.get("template")
        if channel and template and template not in dict(WORDS[Channel(channel)]):
            fitting = ", ".join(label for _, label in WORDS[Channel(channel)])
            text = f"There are no such words for a {Channel(channel).label.lower()}. Fitting ones: {fitting}."
            self.add_error("template", text)
        if channel == Channel.DECIDE and given.get("kind") != LevelKind.DECISION:
            given["kind"] = LevelKind.DECISION
        return given

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def _post_clean(self) -> None:
        """The levels are judged together by the service; here the fields alone."""


class PreviewForm(forms.Form):
    on = DayField(label="On")


class PinForm(forms.Form):
    procedure = forms.ModelChoiceField(
        DunningProcedure.objects.filter(status=ProcedureStatus.ACTIVE).order_by("name"),
        required=False,
        empty_label="The default, as for everybody",
        help_text="A pin holds until it is released.",
    )
