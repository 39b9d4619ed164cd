"""Payment terms, the parts of split terms, and an invoice to try them on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from invoices.models import PaymentTerms
from invoices.rules.calendar import Convention
from invoices.rules.instalments import Part, Share, refusal
from invoices.rules.schedule import Place
from invoices.rules.terms import Terms
from invoices.rules.terms import TermsForm as Form

from .clients import COUNTRIES
from .fields import CURRENCY_CHOICES, DayField, MoneyField

EMPTY_ROWS = 2
LONGEST_DAYS = 3650


class TermsForm(forms.ModelForm):
    discount_percent = MoneyField(
        label="Settlement discount %", max_digits=5, decimal_places=2, required=False, min_value=0, max_value=99
    )
    days = forms.IntegerField(min_value=0, max_value=LONGEST_DAYS, initial=30)
    discount_grace_days = forms.IntegerField(
        min_value=0,
        max_value=60,
        required=False,
        label="Days of grace",
        help_text="After the printed date the discount is still given for so long. Not printed.",
    )

    class Meta:
        model = PaymentTerms
        fields = [
            "code", "name", "form", "days", "day_of_month", "convention", "discount_percent", "discount_days",
            "discount_grace_days", "is_discount_pro_rata", "text", "late_fee_clause", "is_default",
        ]  # fmt: skip
        labels = {
            "form": "Counted as",
            "day_of_month": "Day of the next month",
            "convention": "On a weekend or holiday",
            "discount_days": "Discount days",
            "is_discount_pro_rata": "A part payment in time earns its share of the discount",
            "text": "Printed on the invoice",
            "is_default": "For clients without terms of their own",
        }
        help_texts = {
            "day_of_month": "Only for a fixed day; 31 is the last day of every month.",
            "convention": "Of the client's country and region.",
            "is_discount_pro_rata": "",
        }
        widgets = {"text": forms.Textarea(attrs={"rows": 2}), "late_fee_clause": forms.Textarea(attrs={"rows": 3})}

    groups = [
        ("Name", ["code", "name", "is_default"]),
        ("When it is due", ["form", "days", "day_of_month", "convention"]),
        (
            "Settlement discount",
            ["discount_percent", "discount_days", "discount_grace_days", "is_discount_pro_rata"],
        ),
        ("In words", ["text", "late_fee_clause"]),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["convention"].required = False
        self.was_default = bool(self.instance.pk and self.instance.is_default)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["convention"] = cleaned.get("convention") or Convention.NONE.value
        cleaned["discount_grace_days"] = cleaned.get("discount_grace_days") or 0
        day = cleaned.get("day_of_month")
        if cleaned.get("form") == Form.DAY_OF_NEXT_MONTH.value and not (day and day <= 31):
            self.add_error("day_of_month", "Give the day of the next month, from 1 to 31.")
        if (cleaned.get("discount_percent") is None) != (cleaned.get("discount_days") is None):
            self.add_error("discount_percent", "A settlement discount needs both a percentage and its days.")
        if self.was_default and not cleaned.get("is_default"):
            self.add_error("is_default", "Make other terms the default instead; there must be one.")
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # A new default takes the place of the old one: the service sees to it, not the constraint.
        return {*super()._get_validation_exclusions(), "is_default"}

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields}

    def panels(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in self.groups]

    def record(self, parts: tuple[Part, ...]) -> Terms | None:
        """The terms as typed so far; None while they are not whole."""
        given = self.cleaned_data
        form, days, day = given.get("form"), given.get("days"), given.get("day_of_month")
        if form not in {one.value for one in Form} or days is None or (day is not None and not 1 <= day <= 31):
            return None
        return Terms(
            Form(form),
            days,
            day,
            given.get("discount_days"),
            given.get("discount_percent"),
            given.get("discount_grace_days") or 0,
            bool(given.get("is_discount_pro_rata")),
            Convention(given.get("convention") or Convention.NONE.value),
            parts,
        )


class PartForm(forms.Form):
    """One part. A row without a kind is left out: that is how a part is removed."""

    share = forms.ChoiceField(
        label="Kind", choices=[("", "No part"), *((s.value, s.label) for s in Share)], required=False
    )
    value = MoneyField(label="Percent or amount", required=False, min_value=0)
    months = forms.IntegerField(required=False, min_value=0, max_value=60)
    day_of_month = forms.IntegerField(label="Day of the month", required=False, min_value=1, max_value=31)
    days = forms.IntegerField(required=False, min_value=0, max_value=LONGEST_DAYS)

    @property
    def is_blank(self) -> bool:
        return not self.data.get(self.add_prefix("share"), "").strip()

    @property
    def part(self) -> Part:
        given = self.cleaned_data
        share = Share(given["share"])
        value = Decimal(0) if share is Share.REMAINDER else given["value"] or Decimal(0)
        return Part(share, value, given["months"] or 0, given["days"] or 0, given["day_of_month"])


class Parts:
    """The parts of split terms as one form: rows `part-0`, `part-1`, ...; `parts` says how many."""

    def __init__(self, data: Any = None, terms: PaymentTerms | None = None) -> None:
        self.error = ""
        if data is not None:
            count = min(int(data.get("parts", "0")) if data.get("parts", "0").isdecimal() else 0, 60)
            count += EMPTY_ROWS if "more" in data else 0
            self.forms = [PartForm(data, prefix=f"part-{n}") for n in range(count)]
        else:
            names = ("share", "value", "months", "days", "day_of_month")
            rows = [{name: getattr(part, name) for name in names} for part in terms.parts.all()] if terms else []
            self.forms = [
                PartForm(initial=row, prefix=f"part-{n}") for n, row in enumerate([*rows, *[{}] * EMPTY_ROWS])
            ]

    @property
    def used(self) -> list[PartForm]:
        return [form for form in self.forms if not form.is_blank]

    def is_valid(self) -> bool:
        """Every used row is right, and together they make the whole."""
        is_right = not [form for form in self.used if not form.is_valid()]
        self.error = refusal(self.values) if is_right and self.used else ""
        return is_right and not self.error

    @property
    def values(self) -> tuple[Part, ...]:
        return tuple(form.part for form in self.used)


class TryForm(forms.Form):
    """An invoice to try terms on. Whatever is left empty has a sensible figure."""

    tried_on = DayField(label="Invoice date", required=False)
    tried_amount = MoneyField(label="Amount", required=False, min_value=0)
    tried_currency = forms.ChoiceField(label="Currency", choices=[("", "Our own"), *CURRENCY_CHOICES], required=False)
    tried_country = forms.ChoiceField(
        label="Client's country", choices=[("", "Any: weekends only"), *COUNTRIES], required=False
    )
    tried_region = forms.CharField(label="Region", max_length=10, required=False, help_text="Such as ENG, SCT or BY.")

    def amount(self, default: Decimal = Decimal(1000)) -> Decimal:
        return self._given("tried_amount") or default

    def currency(self, default: str) -> str:
        return self._given("tried_currency") or default

    def day(self, default: date) -> date:
        day = self._given("tried_on")
        return day if day and day.year < 3000 else default

    @property
    def place(self) -> Place:
        return Place(self._given("tried_country") or "", self._given("tried_region") or "")

    def _given(self, name: str) -> Any:
        """What is right of what was typed; a wrong field counts as left empty and shows its error."""
        if not self.is_bound:
            return None
        self.is_valid()
        return self.cleaned_data.get(name)


class TrySavedForm(TryForm):
    terms = forms.ModelChoiceField(PaymentTerms.objects.order_by("name"), empty_label="Choose terms")
    field_order = ["terms", "tried_on", "tried_amount", "tried_currency", "tried_country", "tried_region"]
