"""What may leave within an hour."""

from __future__ import annotations

from django import forms

from invoices.models import Organisation


class SendLimitForm(forms.ModelForm):
    hourly_send_limit = forms.IntegerField(
        min_value=1,
        max_value=1_000_000,
        label="Messages in an hour, at most",
        help_text="One more stops all sending, and every page says so until a manager lets it go on.",
    )

    class Meta:
        model = Organisation
        fields = ["hourly_send_limit"]
