"""Contact rules as people write them: one line a window, one line a cap."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from invoices.models import DebtorType
from reminders.models import Channel
from reminders.rules.guardrails import COUNTED, Cap, Profile, Window
from reminders.rules.profile_reading import DAYS
from reminders.services.profiles import Draft

from .fields import ClientField, DayField

CAP = re.compile(r"(?P<most>\d+) (?:(?P<channel>email|sms|call) )?(?P<counts>attempts|contacts) in (?P<days>\d+) days?")
HOURS_HELP = "One window a line, such as Mon-Fri 08:00-20:00, in the client's time. Empty: at any hour."


class Lines(forms.CharField):
    """A text of several lines as a list of them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]


class ProfileForm(forms.Form):
    code = forms.SlugField(label="Short name", max_length=40, help_text="Refusals name it, such as uk-house.")
    name = forms.CharField(max_length=120)
    source = forms.CharField(max_length=200, help_text="The law, guideline or decision that it comes from.")
    valid_from = DayField(label="Holds from")
    countries = forms.CharField(required=False, max_length=200, help_text="Codes such as GB, US. Empty: everywhere.")
    regions = forms.CharField(required=False, max_length=200, help_text="Codes such as MA. Empty: all.")
    debtor_types = forms.MultipleChoiceField(
        choices=DebtorType.choices, required=False, widget=forms.CheckboxSelectMultiple, help_text="None: all."
    )
    hours_call = Lines(label="Hours of calls", help_text=HOURS_HELP)
    hours_sms = Lines(label="Hours of SMS", help_text=HOURS_HELP)
    hours_email = Lines(label="Hours of mail", help_text=HOURS_HELP)
    works_on_holidays = forms.BooleanField(label="Also on public holidays", required=False)
    caps = Lines(help_text="One a line: 3 contacts in 7 days; 2 email contacts in 7 days; 7 call attempts in 7 days.")
    quiet_days_after_talk = forms.IntegerField(
        label="Days without calls after a talk",
        min_value=0,
        max_value=60,
        help_text="The day of the talk is the first.",
    )

    def clean_caps(self) -> list[dict[str, Any]]:
        return [self._cap(line) for line in self.cleaned_data["caps"]]

    def _cap(self, line: str) -> dict[str, Any]:
        found = CAP.fullmatch(line)
        if found is None:
            raise ValidationError(f"“{line}” is not understood; write it like “3 contacts in 7 days”.")
        channel = {"channel": found["channel"]} if found["channel"] else {}
        return {"counts": found["counts"], "most": int(found["most"]), "days": int(found["days"]), **channel}

    @property
    def draft(self) -> Draft:
        given = self.cleaned_data
        hours = {channel: given[f"hours_{channel}"] for channel in COUNTED if given[f"hours_{channel}"]}
        rules = {
            "countries": codes(given["countries"]),
            "regions": codes(given["regions"]),
            "debtor_types": given["debtor_types"],
            "hours": hours,
            "works_on_holidays": given["works_on_holidays"],
            "caps": given["caps"],
            "quiet_days_after_talk": given["quiet_days_after_talk"],
        }
        return Draft(given["code"], given["name"], given["source"], given["valid_from"], rules)


def codes(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,;]+", text.upper()) if part]


def as_initial(profile: Profile) -> dict[str, Any]:
    """A profile as the form shows it."""
    hours = {f"hours_{name}": "\n".join(map(window_words, windows)) for name, windows in profile.windows.items()}
    return {
        "code": profile.id,
        "name": profile.name,
        "source": profile.source,
        "countries": ", ".join(sorted(profile.countries)),
        "regions": ", ".join(sorted(profile.regions)),
        "debtor_types": sorted(profile.debtor_types),
        "works_on_holidays": profile.works_on_holidays,
        "caps": "\n".join(map(cap_words, profile.caps)),
        "quiet_days_after_talk": profile.quiet_days_after_talk,
        **hours,
    }


def window_words(window: Window) -> str:
    first, last = DAYS[min(window.weekdays)], DAYS[max(window.weekdays)]
    days = first if first == last else f"{first}-{last}"
    return f"{days} {window.first:%H:%M}-{window.last:%H:%M}"


def cap_words(cap: Cap) -> str:
    channel = f"{cap.channel} " if cap.channel else ""
    return f"{cap.most} {channel}{cap.counts.value} in {cap.days} days"


class AskForm(forms.Form):
    """May we contact this client now?"""

    client = ClientField()
    channel = forms.ChoiceField(choices=[(c.value, c.label) for c in Channel if c in COUNTED or c == Channel.LETTER])
