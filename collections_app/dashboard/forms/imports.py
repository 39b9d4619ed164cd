from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from invoices.rules.importing.dates import DateLayout
from invoices.rules.importing.records import FileKind
from invoices.services.importing.report import ImportOptions

from .fields import CURRENCY_CHOICES

LARGEST_MB = 200
KINDS = [(kind.value, kind.value.capitalize()) for kind in FileKind]
LAYOUTS = [
    ("", "As the file shows"),
    ("dmy", "Day first, 31/12/2026"),
    ("mdy", "Month first, 12/31/2026"),
    ("iso", "Year first, 2026-12-31"),
]


class UploadForm(forms.Form):
    """A file, what is in it, and how to read it."""

    kind = forms.ChoiceField(choices=KINDS, label="What is in the file")
    file = forms.FileField(
        help_text=f"CSV or XLSX, up to {LARGEST_MB} MB. The usual column names are recognised.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )
    dates = forms.ChoiceField(choices=LAYOUTS, required=False, label="Dates are written")
    currency = forms.ChoiceField(
        choices=[("", "The client's"), *CURRENCY_CHOICES], required=False, label="Amounts without a currency are in"
    )
    mapping = forms.CharField(
        label="Other column names",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For names not recognised, one a line: <code>theirs=ours</code>, as in <code>Rg-Nr=number</code>.",
    )
    is_strict = forms.BooleanField(required=False, label="Reject rows of unknown clients instead of creating them")
    is_oldest_first = forms.BooleanField(required=False, label="Receipts without an invoice pay the oldest items")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_MB * 2**20:
            raise ValidationError(f"The file has {file.size // 2**20} MB; the limit is {LARGEST_MB} MB. Split it.")
        return file

    def clean_mapping(self) -> dict[str, str]:
        lines = [line.strip() for line in self.cleaned_data["mapping"].splitlines() if line.strip()]
        for line in lines:
            if "=" not in line:
                raise ValidationError(f"“{line}” has no equals sign. Write it as theirs=ours.")
        pairs = [line.rpartition("=") for line in lines]
        return {theirs.strip(): ours.strip() for theirs, _, ours in pairs}

    @property
    def choices(self) -> dict[str, Any]:
        """How to read the file, as JSON can keep it until the second look."""
        names = ("kind", "dates", "currency", "mapping", "is_strict", "is_oldest_first")
        return {name: self.cleaned_data[name] for name in names}


def options_of(choices: dict[str, Any], *, is_dry_run: bool) -> ImportOptions:
    return ImportOptions(
        mapping=choices["mapping"],
        dates=DateLayout(choices["dates"]) if choices["dates"] else None,
        currency=choices["currency"] or None,
        is_dry_run=is_dry_run,
        is_strict=choices["is_strict"],
        is_oldest_first=choices["is_oldest_first"],
    )
