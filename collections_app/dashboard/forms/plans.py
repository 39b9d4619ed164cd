"""Payment plans and deferrals, as staff agree them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from invoices.models import Client, Invoice, PaymentPlan
from invoices.queries.plan_terms import NewPlan
from invoices.queries.plans import open_for_plan
from invoices.rules.instalments import Frequency, Instalment
from invoices.rules.money import ZERO
from invoices.rules.plan_terms import MOST_INSTALMENTS, Wanted
from invoices.services.deferrals import NewDeferral

from .fields import DayField, MoneyField
from .standing import ItemsField

WAYS = [("call", "Call"), ("mail", "Mail"), ("in person", "In person"), ("portal", "Portal")]
HOW_GIVEN = "One instalment a line, such as 2026-06-03 200.00. Takes the place of number and rhythm."


class GivenField(forms.CharField):
    """Instalments line by line: a day and an amount."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 4, "placeholder": "2026-06-03 200.00"})
        super().__init__(required=False, widget=widget, max_length=4000, **kwargs)

    def clean(self, value: Any) -> tuple[Instalment, ...]:
        lines = (super().clean(value) or "").splitlines()
        return tuple(self._instalment(line) for line in lines if line.strip())

    def _instalment(self, line: str) -> Instalment:
        day, _, amount = line.strip().partition(" ")
        try:
            found = Decimal(amount.strip().replace(",", ""))
            if not found.is_finite():
                raise InvalidOperation
            return Instalment(date.fromisoformat(day), found)
        except (ValueError, InvalidOperation) as error:
            raise ValidationError(
                f"“{line.strip()[:40]}” is no day and amount. Write it as 2026-06-03 200.00."
            ) from error


class PlanForm(forms.Form):
    """What is agreed. The preview beside it shows the schedule, and whether somebody else has to approve it."""

    items = ItemsField(Invoice.objects.none(), label="For these items")
    parts = forms.IntegerField(label="Number of instalments", min_value=1, max_value=MOST_INSTALMENTS)
    frequency = forms.ChoiceField(label="Rhythm", choices=[(f.value, f.label) for f in Frequency])
    first_on = DayField(label="First instalment on")
    down_amount = MoneyField(label="Down payment", required=False)
    down_on = DayField(label="Paid down by", required=False)
    agreed_by = forms.CharField(label="Agreed with", max_length=120, required=False)
    how = forms.ChoiceField(choices=WAYS)
    given = GivenField(label="Instalments of your own", help_text=HOW_GIVEN)
    fee = MoneyField(label="Fee for the plan", required=False, min_value=0)
    interest = MoneyField(label="Interest for its time", required=False, min_value=0)
    grace_days = forms.IntegerField(label="Grace in business days", min_value=0, max_value=30, initial=5)
    payoff_percent = forms.DecimalField(
        label="Early payoff waives, in percent", required=False, max_digits=5, decimal_places=2
    )
    payoff_until = DayField(label="Early payoff until", required=False)
    note = forms.CharField(max_length=300, required=False)

    MAIN = ("items", "parts", "frequency", "first_on", "down_amount", "down_on", "agreed_by", "how")

    def __init__(
        self, client: Client, data: Any = None, *, plan: PaymentPlan | None = None, initial: Any = None
    ) -> None:
        start = {"parts": 3, "frequency": Frequency.MONTHLY.value, "first_on": localdate() + timedelta(days=14)}
        super().__init__(data, initial={**start, **(initial or {})})
        free = open_for_plan(client.pk)
        own = Invoice.objects.filter(plan_items__plan=plan, open_amount__gt=0) if plan else Invoice.objects.none()
        ids = [*free.values_list("pk", flat=True), *own.values_list("pk", flat=True)]
        self.fields["items"].queryset = Invoice.objects.filter(pk__in=ids).order_by("due_on", "id")

    @property
    def main(self) -> list[forms.BoundField]:
        return [self[name] for name in self.MAIN]

    @property
    def more(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.MAIN]

    @property
    def has_more(self) -> bool:
        """Something beyond the usual was entered, or is wrong there: that part stands open."""
        names = ("given", "fee", "interest", "payoff_percent", "payoff_until")
        return any(self[name].value() or self[name].errors for name in names)

    @property
    def values(self) -> NewPlan:
        given = self.cleaned_data
        wanted = Wanted(
            given["first_on"],
            Frequency(given["frequency"]),
            parts=given["parts"],
            given=given["given"],
            down_amount=given["down_amount"] or ZERO,
            down_on=given["down_on"],
        )
        return NewPlan(
            tuple(item.pk for item in given["items"]),
            wanted,
            agreed_by=given["agreed_by"],
            how=given["how"],
            note=given["note"],
            fee=given["fee"] or ZERO,
            interest=given["interest"] or ZERO,
            grace_days=given["grace_days"],
            payoff_percent=given["payoff_percent"],
            payoff_until=given["payoff_until"],
        )


class DeferralForm(forms.Form):
    new_due_on = DayField(label="Due on")
    reason = forms.CharField(max_length=200)
    agreed_by = forms.CharField(label="Agreed with", max_length=120, required=False)

    @property
    def values(self) -> NewDeferral:
        return NewDeferral(**self.cleaned_data)
