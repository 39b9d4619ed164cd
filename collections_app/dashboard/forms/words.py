"""The texts of one message as managers edit them."""

from __future__ import annotations

from typing import Any

from django import forms

from reminders.rules.texts import Texts
from reminders.rules.wording import LONGEST
from reminders.services.words import parts_of

LABELS = {"subject": "Subject", "opening": "Opening", "closing": "Closing"}
HELP = {
    "subject": "One line, as a sentence. On a letter it is the heading.",
    "opening": "Stands above the list of items, below the greeting.",
    "closing": "Stands below the list of items.",
}
MOST_SUBJECT = 200


class WordsForm(forms.Form):
    """`client` is whom the preview is for; `based_on` the version that was on the screen."""

    client = forms.CharField(required=False, max_length=40, label="Preview for client (code)")
    based_on = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, key: str, channel: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts = parts_of(key, channel)
        for part in self.parts:
            if part == "subject":
                widget: forms.Widget = forms.Textarea(attrs={"rows": 2})
            else:
                widget = forms.Textarea(attrs={"rows": 8, "spellcheck": "true"})
            # A length beyond the limit is explained with the rest of what is wrong.
            self.fields[part] = forms.CharField(
                required=part != "closing", strip=False, label=LABELS[part], widget=widget, max_length=LONGEST + 1
            )
            self.fields[part].help_text = HELP[part] if channel != "sms" else "Everything in one message, the link too."
        self.order_fields([*self.parts, "client", "based_on"])
        self.fields["client"].widget.attrs["autocomplete"] = "off"

    def clean_subject(self) -> str:
        subject: str = " ".join(self.cleaned_data["subject"].split())
        if len(subject) > MOST_SUBJECT:
            raise forms.ValidationError(f"The subject has {len(subject)} characters; {MOST_SUBJECT} are the most.")
        return subject

    def texts(self, language: str) -> Texts:
        """Also of a form with errors: the preview shows them where they are."""
        given = {part: str(self.data.get(part, "")).replace("\r\n", "\n") for part in self.parts}
        return Texts(language, given.get("subject", ""), given["opening"], given.get("closing", ""))
