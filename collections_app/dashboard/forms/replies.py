"""What staff enter about a mail that came back."""

from __future__ import annotations

from typing import Any

from django import forms

from invoices.models import Client


class AnswerForm(forms.Form):
    text = forms.CharField(
        label="Your answer",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text="Greeting, your name and the link to the client's page are added.",
    )


class CloseReplyForm(forms.Form):
    outcome = forms.CharField(
        label="What came of it", max_length=200, help_text="Such as: rang him, pays on Friday; or: advertising."
    )


class GiveForm(forms.Form):
    """`client` by its code, as it stands on the client's page."""

    client = forms.CharField(label="Client code", max_length=40)

    def clean_client(self) -> Client:
        code: str = self.cleaned_data["client"].strip()
        found = Client.objects.filter(code__iexact=code).first() or Client.objects.filter(name__iexact=code).first()
        if found is None:
            raise forms.ValidationError(f"No client has the code or name “{code}”. Look it up with the search.")
        return found


def empty_forms() -> dict[str, Any]:
    return {"answer_form": AnswerForm(), "close_form": CloseReplyForm(), "give_form": GiveForm()}
