"""What people say about notices: why one is cancelled, why sending stops."""

from __future__ import annotations

from django import forms


class ReasonForm(forms.Form):
    """A reason that stays in the record."""

    reason = forms.CharField(label="Why", max_length=280, widget=forms.Textarea(attrs={"rows": 3}))
