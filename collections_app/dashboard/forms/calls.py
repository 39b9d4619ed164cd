"""What a collector enters about one call: an outcome by one key, and the fields that this outcome asks for."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.timezone import localdate, make_aware

from invoices.models import Contact, DisputeReason, Invoice
from invoices.rules.instalments import Frequency
from invoices.rules.plan_terms import MOST_INSTALMENTS
from reminders.models import Outcome
from reminders.queries.calls import CallFacts
from reminders.services.calls import CallResult

from .fields import DayField, MoneyField
from .standing import item_label

# (key, outcome, what it does), in the order of the screen
OUTCOMES = (
    ("1", Outcome.NO_ANSWER, "again next business day"),
    ("2", Outcome.VOICEMAIL, "again in two business days"),
    ("3", Outcome.GATEKEEPER, "who, and when to ring"),
    ("4", Outcome.WRONG_NUMBER, "find another number"),
    ("5", Outcome.PROMISED, "amount and date, confirmed by mail"),
    ("6", Outcome.SAYS_PAID, "we look for it, 3 days of silence"),
    ("7", Outcome.DISPUTE, "that part is not dunned"),
    ("8", Outcome.NEEDS_COPY, "mailed at once; again in two days"),
    ("9", Outcome.ASKS_PLAN, "agreed now, or approved"),
    ("0", Outcome.REFUSED, "a manager sees it; the next level follows"),
    ("h", Outcome.HARDSHIP, "silence until a review, no fees"),
    ("b", Outcome.CALL_BACK, "at an agreed time"),
    ("g", Outcome.INSOLVENT, "everything stops; somebody decides"),
)
TIMED = ("call_back_on", "call_back_time")
# outcome -> the fields that it alone asks for; `copies` and the plan are about the ticked items.
FIELDS_OF = {
    Outcome.PROMISED: ("currency", "amount", "promised_on"),
    Outcome.DISPUTE: ("disputed", "disputed_amount", "dispute_reason"),
    Outcome.CALL_BACK: TIMED,
    Outcome.GATEKEEPER: TIMED,
    Outcome.SAYS_PAID: ("paid_on",),
    Outcome.NEEDS_COPY: ("copy_of",),
    Outcome.ASKS_PLAN: ("parts", "frequency", "first_on"),
    Outcome.HARDSHIP: ("review_on",),
}
MISSING = {
    "currency": "Choose the currency of the promise.",
    "amount": "Enter the amount that was promised.",
    "promised_on": "Enter the day by which it is to be paid.",
    "disputed": "Choose the invoice that is disputed.",
    "review_on": "Enter the day on which it is looked at again.",
}
NEEDS_TIME = {
    "call_back_on": "Enter the day of the call.",
    "call_back_time": "Enter the hour of the call, as in 14:30.",
}


class CallForm(forms.Form):
    """Fields of other outcomes than the chosen one are ignored, whatever stands in them."""

    outcome = forms.ChoiceField(
        choices=[(outcome.value, outcome.label) for _, outcome, _ in OUTCOMES],
        error_messages={"required": "Choose what happened on the call."},
    )
    currency = forms.ChoiceField(required=False)
    amount = MoneyField(label="Promised amount", required=False)
    promised_on = DayField(label="Paid by", required=False)
    disputed = forms.ModelChoiceField(Invoice.objects.none(), label="Invoice", required=False)
    disputed_amount = MoneyField(label="Contested amount", required=False, help_text="Left empty: all that is open.")
    dispute_reason = forms.ChoiceField(label="Reason", choices=DisputeReason, required=False)
    call_back_on = DayField(label="Day", required=False)
    call_back_time = forms.TimeField(
        label="Hour, our time",
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": "Write the hour as in 14:30."},
    )
    paid_on = DayField(label="Paid on", required=False)
    copy_of = forms.ModelChoiceField(
        Invoice.objects.none(), label="Copy of", required=False, empty_label="The ticked items"
    )
    parts = forms.IntegerField(
        label="Instalments",
        required=False,
        min_value=1,
        max_value=MOST_INSTALMENTS,
        help_text="Over the ticked items. Left empty: a task asks for a plan.",
    )
    frequency = forms.ChoiceField(label="Rhythm", choices=[(f.value, f.label) for f in Frequency], required=False)
    first_on = DayField(label="First on", required=False)
    review_on = DayField(label="Looked at again on", required=False)
    spoke_with = forms.CharField(label="Spoke with", max_length=120, required=False)
    note = forms.CharField(label="What was said", max_length=1000, required=False)
    rung = forms.ModelChoiceField(Contact.objects.none(), label="Number rung", required=False, empty_label=None)
    items = forms.ModelMultipleChoiceField(Invoice.objects.none(), required=False)
    attempts_seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, facts: CallFacts, attempts: int, *args: Any, **kwargs: Any) -> None:
        initial = {"attempts_seen": attempts, **first_guess(facts)}
        super().__init__(*args, initial=initial, **kwargs)
        currencies = sorted({item.invoice.currency for item in facts.items}) or [facts.client.currency]
        self.fields["currency"].choices = [(code, code) for code in currencies]
        items = Invoice.objects.filter(client=facts.client, open_amount__gt=0).order_by("due_on", "pk")
        for name in ("items", "disputed", "copy_of"):
            self.fields[name].queryset = items
        self.fields["disputed"].label_from_instance = self.fields["copy_of"].label_from_instance = item_label
        people = Contact.objects.filter(client=facts.client, is_active=True).exclude(phone="")
        self.fields["rung"].queryset = people.order_by("is_phone_dead", "-is_primary", "pk")
        self.fields["rung"].label_from_instance = lambda contact: f"{contact}, {contact.phone}"

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        outcome = given.get("outcome")
        asked = FIELDS_OF.get(outcome, ())
        for field in {field for fields in FIELDS_OF.values() for field in fields}.difference(asked):
            self.errors.pop(field, None)
        missing = {**MISSING, **NEEDS_TIME} if outcome == Outcome.CALL_BACK else MISSING
        for field in asked:
            if field in missing and not given.get(field) and field not in self.errors:
                self.add_error(field, missing[field])
        if outcome == Outcome.NEEDS_COPY and not given.get("copy_of") and not given.get("items"):
            self.add_error("copy_of", "Choose the invoice, or tick the items of which a copy is needed.")
        if outcome == Outcome.PROMISED and (strange := self._other_currency(given)):
            self.add_error("currency", strange)
        return given

    def _other_currency(self, given: dict[str, Any]) -> str:
        items, currency = given.get("items") or [], given.get("currency")
        if not items or any(item.currency == currency for item in items):
            return ""
        return f"None of the ticked items is in {currency}. Tick those that are promised, or choose their currency."

    @property
    def result(self) -> CallResult:
        """For the service. The form is valid."""
        given, outcome = self.cleaned_data, self.cleaned_data["outcome"]
        asked = {name: given.get(name) for name in FIELDS_OF.get(outcome, ())}
        return CallResult(
            outcome=outcome,
            note=given["note"],
            amount=asked.get("disputed_amount") or asked.get("amount"),
            currency=given.get("currency", ""),
            promised_on=asked.get("promised_on"),
            invoice=asked.get("disputed"),
            reason=asked.get("dispute_reason") or "",
            call_back_at=self._call_back_at(asked) if asked.keys() >= set(TIMED) else None,
            spoke_with=given["spoke_with"],
            items=self._items(outcome),
            contact=given["rung"],
            attempts_seen=given["attempts_seen"],
            parts=asked.get("parts"),
            frequency=asked.get("frequency") or Frequency.MONTHLY.value,
            first_on=asked.get("first_on"),
            review_on=asked.get("review_on"),
            paid_on=asked.get("paid_on"),
        )

    def _items(self, outcome: str) -> list[Invoice]:
        """The ticked ones; of a promise or a plan those in its currency, of a copy the one that is wanted."""
        given = self.cleaned_data
        if outcome == Outcome.NEEDS_COPY:
            return [given["copy_of"]] if given.get("copy_of") else list(given["items"])
        return [item for item in given["items"] if item.currency == given.get("currency")]

    def _call_back_at(self, given: dict[str, Any]) -> datetime | None:
        if not given["call_back_on"] or not given["call_back_time"]:
            return None
        return make_aware(datetime.combine(given["call_back_on"], given["call_back_time"]))


def first_guess(facts: CallFacts) -> dict[str, Any]:
    """What is most likely: the overdue total, in a week, by the person whom we ring."""
    asked = [item.invoice.pk for item in facts.items if item.is_asked]
    total = max(facts.totals, key=lambda pair: pair[0] == facts.client.currency, default=("", None))
    return {
        "currency": total[0],
        "amount": total[1],
        "promised_on": localdate() + timedelta(days=7),
        "call_back_on": localdate(),
        "call_back_time": time(facts.best_hour or 15),
        "first_on": localdate() + timedelta(days=14),
        "review_on": localdate() + timedelta(days=30),
        "spoke_with": facts.person.name if facts.person else "",
        "rung": facts.person.pk if facts.person else None,
        "items": asked,
    }
