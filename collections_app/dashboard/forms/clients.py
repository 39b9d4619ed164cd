from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError

from collections_app.models import User
from invoices.models import Client, Contact, ContactRole, PaymentTerms
from invoices.rules.calendar import regions_of
from invoices.rules.interest.records import RateMode, Scheme
from invoices.services.rates import schemes

from .fields import CURRENCY_CHOICES, ClientField, DayField, MoneyField

LANGUAGES = [("en", "English"), ("de", "German"), ("fr", "French"), ("es", "Spanish"), ("nl", "Dutch")]
COUNTRIES = sorted(
    ((code, name) for code, name in Locale("en", "GB").territories.items() if len(code) == 2 and code.isalpha()),
    key=lambda pair: pair[1],
)
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/")))


class ClientForm(forms.ModelForm):
    """Who owes. `values` is what the services take."""

    check_in_on = DayField(
        label="Next regular talk",
        required=False,
        help_text="A good client likes to be asked how things are. It comes up in the worklist on that day.",
    )
    payer = ClientField(
        label="Paid for by", required=False, help_text="Its receipts may pay this client's invoices too: a head office."
    )
    currency = forms.ChoiceField(choices=CURRENCY_CHOICES)
    language = forms.ChoiceField(choices=LANGUAGES)
    country = forms.ChoiceField(choices=[("", "Not known"), *COUNTRIES], required=False)
    late_charge_rule = forms.ChoiceField(
        label="Rule",
        required=False,
        choices=lambda: [("", "No late charges"), *rule_choices()],
        help_text="What late invoices cost; drafted after the end of each month.",
    )
    late_charge_rate = MoneyField(
        label="Agreed rate",
        max_digits=7,
        decimal_places=4,
        min_value=0,
        max_value=100,
        required=False,
        help_text="Percent a year, where the contract agrees one.",
    )
    time_zone = forms.CharField(
        required=False,
        help_text="Such as Europe/London. Decides when we may call.",
        widget=forms.TextInput(attrs={"list": "zones"}),
    )

    class Meta:
        model = Client
        fields = [
            "code", "name", "legal_name", "debtor_type", "segment", "currency", "terms", "country", "region",
            "language", "time_zone",
            "late_charge_rule", "late_charge_rate", "is_late_charge_automatic", "is_late_charge_monthly",
            "account_manager", "tax_number", "address", "is_credit_hold", "is_active",
            "registration_number", "check_in_on", "statement_schedule", "statement_layout", "payer", "claim_order",
        ]  # fmt: skip
        labels = {
            "terms": "Payment terms",
            "debtor_type": "Debtor type",
            "is_late_charge_automatic": "Issue automatically",
            "is_late_charge_monthly": "One document a month",
            "is_credit_hold": "Credit hold: no more credit",
            "statement_schedule": "Statement by mail",
            "statement_layout": "It lists",
            "claim_order": "Its money pays first",
        }
        widgets = {"address": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "region": "The code of the state or province, such as SCT, BY or ON: its public holidays and rules hold.",
            "is_active": "An inactive client is not offered for new invoices.",
            "statement_schedule": "For each week, month or quarter that is over; the first goes out the next morning.",
        }

    groups = [
        (
            "Who",
            [
                *("code", "name", "legal_name", "debtor_type", "segment"),
                *("tax_number", "registration_number", "account_manager"),
            ],
        ),
        ("Money", ["currency", "terms", "payer", "claim_order", "is_credit_hold", "is_active"]),
        ("Statements and talks", ["statement_schedule", "statement_layout", "check_in_on"]),
        (
            "Late charges",
            ["late_charge_rule", "late_charge_rate", "is_late_charge_automatic", "is_late_charge_monthly"],
        ),
        ("Where", ["country", "region", "language", "time_zone", "address"]),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["payer"] = self.instance.payer.code if self.instance.payer_id else ""
        self.fields["claim_order"].choices = [("", "As in our settings"), *self.fields["claim_order"].choices[1:]]
        self.fields["terms"].queryset = PaymentTerms.objects.order_by("name")
        self.fields["terms"].empty_label = "The default terms"
        for name in ("statement_schedule", "statement_layout"):
            self.fields[name].required = False
        self.fields["account_manager"].queryset = User.objects.filter(is_active=True).order_by("first_name", "username")
        self.fields["account_manager"].label_from_instance = lambda user: user.full_name
        self.fields["account_manager"].empty_label = "Nobody"
        if self.initial.get("currency") and self.initial["currency"] not in dict(CURRENCY_CHOICES):
            self.fields["currency"].choices = [(self.initial["currency"], self.initial["currency"]), *CURRENCY_CHOICES]

    def clean_payer(self) -> Client | None:
        payer: Client | None = self.cleaned_data["payer"]
        if payer and payer.pk == self.instance.pk:
            raise ValidationError("A client pays for itself anyway. Leave this empty, or name the other client.")
        return payer

    def clean_code(self) -> str:
        return self.cleaned_data["code"].strip()

    def clean_statement_schedule(self) -> str:
        return self.cleaned_data["statement_schedule"] or self.instance.statement_schedule

    def clean_statement_layout(self) -> str:
        return self.cleaned_data["statement_layout"] or self.instance.statement_layout

    def clean_time_zone(self) -> str:
        zone = self.cleaned_data["time_zone"].strip()
        if zone and zone not in available_timezones():
            raise ValidationError(f"“{zone}” is not a time zone name. Write it as in Europe/London.")
        return zone

    def clean_region(self) -> str:
        region = self.cleaned_data["region"].strip().upper()
        known = regions_of(self.cleaned_data.get("country", ""))
        if region and known and region not in known:
            raise ValidationError(f"No region there has the code “{region}”. Known are: {', '.join(known)}.")
        return region

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        scheme = next((s for s in schemes() if s.id == cleaned.get("late_charge_rule")), None)
        if scheme and (problem := rule_problem(scheme, cleaned)):
            self.add_error(*problem)
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields}

    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in self.groups]


def rule_choices() -> list[tuple[str, str]]:
    """Without those that only take another's place in their country."""
    return [(scheme.id, f"{scheme.name} ({scheme.id})") for scheme in schemes() if not scheme.instead_of]


def rule_problem(scheme: Scheme, given: dict[str, Any]) -> tuple[str, str] | None:
    """Why this rule could not charge this client anything: the field and a sentence."""
    rate = given.get("late_charge_rate")
    if given.get("debtor_type") and given["debtor_type"] not in scheme.margins:
        return "late_charge_rule", f"This rule does not reach such a debtor. {scheme.not_for}".strip()
    if scheme.rate_mode is RateMode.AGREED and rate is None:
        return "late_charge_rate", "This rule needs the yearly rate of the contract."
    if scheme.agreed is None and rate is not None:
        return (
            "late_charge_rate",
            "The law sets the rate of this rule; leave this empty, or choose the contract's rule.",
        )
    return None


class ContactForm(forms.ModelForm):
    class Meta:
        model = Contact
        fields = [
            "name", "first_name", "role", "email", "phone", "is_primary", "receives_invoices", "receives_reminders",
            "receives_statements", "has_sms_consent", "refuses_calls", "is_active",
        ]  # fmt: skip
        labels = {
            "first_name": "First name for greetings",
            "email": "E-mail",
            "is_primary": "Primary contact",
            "receives_invoices": "Receives invoices",
            "receives_reminders": "Receives reminders",
            "receives_statements": "Receives statements",
            "has_sms_consent": "Agreed to text messages",
            "refuses_calls": "Asked not to be called",
            "is_active": "Still works there",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not (cleaned.get("email") or cleaned.get("phone")) and not self.errors:
            raise ValidationError("A contact needs an e-mail address or a phone number.")
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self._meta.fields}

    @property
    def is_blank(self) -> bool:
        return not any(self.data.get(self.add_prefix(name), "").strip() for name in ("name", "email", "phone"))


class FirstContactForm(ContactForm):
    """The contact of a new client: may be left out."""

    class Meta(ContactForm.Meta):
        fields = ["name", "role", "email", "phone"]

    role = forms.ChoiceField(choices=ContactRole)


class NoteForm(forms.Form):
    text = forms.CharField(label="Note", max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))
    is_pinned = forms.BooleanField(label="Keep on top", required=False)
