"""What came of a task."""

from __future__ import annotations

from django import forms

from .fields import DayField


class CloseTaskForm(forms.Form):
    outcome = forms.CharField(label="What came of it", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class CheckInForm(CloseTaskForm):
    """A regular talk also says when the next one is."""

    next_on = DayField(label="Next talk on", required=False, help_text="Left empty: no more regular talks.")


class WaitForm(forms.Form):
    """A decision to wait."""

    until = DayField(label="Silent until, that day included")
    reason = forms.CharField(label="Why", max_length=200)
