"""What came of a task."""

from __future__ import annotations

from django import forms


class CloseTaskForm(forms.Form):
    outcome = forms.CharField(label="What came of it", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
