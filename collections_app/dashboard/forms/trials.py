"""What managers try before they rely on it: simulations and experiments; and a day to look at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.timezone import localdate

from reminders.models import Channel, DunningLevel, DunningProcedure, LevelKind, ProcedureStatus
from reminders.services.experiments import Arms
from reminders.services.simulating import LONGEST, first_problem

from .fields import DayField

AHEAD, REPLAY = "ahead", "replay"


class DayForm(forms.Form):
    on = DayField(label="On")


class SimulationForm(forms.Form):
    procedure = forms.ModelChoiceField(DunningProcedure.objects.order_by("name"), empty_label=None)
    over = forms.ChoiceField(
        label="Over",
        choices=[
            (AHEAD, "The days to come, from today: the books as they are, and nobody pays"),
            (REPLAY, "A past period: the ledger of that time, with the payments that came"),
        ],
        widget=forms.RadioSelect,
        initial=AHEAD,
    )
    first_on = DayField(label="From", required=False, help_text="Left empty: today, or so many days before today.")
    days = forms.IntegerField(label="Days", min_value=1, max_value=LONGEST, initial=30)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        days, is_replay = given.get("days"), given.get("over") == REPLAY
        if days:
            today = localdate()
            given["first_on"] = given.get("first_on") or (today - timedelta(days=days) if is_replay else today)
            if problem := first_problem(given["first_on"], days, today, is_replay=is_replay):
                self.add_error("first_on", problem)
        return given


class LevelChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: DunningLevel) -> str:
        return f"{obj.procedure}: {obj.position} {obj.name} ({obj.get_channel_display().lower()})"


class ExperimentForm(forms.Form):
    """Two questions in one: does the level help at all, and would other words help more?"""

    name = forms.CharField(max_length=120)
    question = forms.CharField(
        label="What is to be learned", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    level = LevelChoice(
        DunningLevel.objects.filter(kind=LevelKind.REMINDER, procedure__status=ProcedureStatus.ACTIVE)
        .exclude(channel=Channel.DECIDE)
        .select_related("procedure")
        .order_by("procedure__name", "position"),
        empty_label=None,
        help_text="Formal demands and final notices are not offered: they are never held back or varied.",
    )
    silent_share = forms.IntegerField(
        label="Percent who hear nothing", min_value=0, max_value=90, initial=20, help_text="0: nobody is left alone."
    )
    silent_days = forms.IntegerField(
        label="For so many days", min_value=1, max_value=60, initial=14, help_text="Then the level goes out as usual."
    )
    other_share = forms.IntegerField(label="Percent who read other words", min_value=0, max_value=90, initial=0)
    other_template = forms.ChoiceField(label="Other words", required=False)

    def __init__(self, *args: Any, words: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other_template"].choices = [("", "None"), *words]

    @property
    def arms(self) -> Arms:
        given = self.cleaned_data
        other = given["other_template"] if given["other_share"] else ""
        return Arms(given["silent_share"], given["silent_days"], given["other_share"], other)
