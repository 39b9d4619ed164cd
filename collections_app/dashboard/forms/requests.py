"""The answer to a request of a client."""

from __future__ import annotations

from django import forms


class AnswerRequestForm(forms.Form):
    text = forms.CharField(
        label="Your answer",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The client gets these words by mail and sees them in the portal.",
    )
