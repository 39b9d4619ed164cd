"""Who gets a document by mail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from invoices.models import Contact


class RecipientsForm(forms.Form):
    """Ticks of contacts, the first one ticked; `round` tells a second click from a wish to send again."""

    contacts = forms.TypedMultipleChoiceField(
        label="To", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    round = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, contacts: Sequence[Contact], *args: Any, round: int = 1, **kwargs: Any) -> None:
        first = [contact.pk for contact in contacts[:1]]
        super().__init__(*args, initial={"contacts": first, "round": round}, **kwargs)
        self.fields["contacts"].choices = [(contact.pk, label(contact)) for contact in contacts]

    @property
    def chosen(self) -> list[int]:
        return self.cleaned_data["contacts"]


def label(contact: Contact) -> str:
    role = contact.get_role_display().lower()
    return f"{contact.name}, {role} ({contact.email})" if contact.name else f"{contact.email}, {role}"
