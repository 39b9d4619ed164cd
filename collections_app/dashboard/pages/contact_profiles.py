"""Contact rules: the profiles in force, a new version of one, and whether a client may be contacted now."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate, now
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from reminders.errors import DunningError
from reminders.models import ContactProfile
from reminders.queries.permission import may_contact, place_of
from reminders.queries.profiles import profiles
from reminders.rules.guardrails import Profile, applicable
from reminders.services.profiles import Draft, save_profile

from ..forms.profiles import AskForm, ProfileForm, as_initial, cap_words, window_words
from ..said import done, refused

CHANNELS = (("call", "Calls"), ("sms", "SMS"), ("email", "Mail"))


def shown(profile: Profile) -> dict[str, object]:
    hours = [(label, ", ".join(map(window_words, profile.windows.get(name, ())))) for name, label in CHANNELS]
    reaches = [*sorted(profile.countries), *sorted(profile.regions)]
    return {
        "profile": profile,
        "hours": [(label, words) for label, words in hours if words],
        "caps": [cap_words(cap) for cap in profile.caps],
        "where": ", ".join(reaches) or "everywhere",
        "whom": ", ".join(name.replace("_", " ") for name in sorted(profile.debtor_types)) or "every debtor",
    }


def switched_off() -> list[ContactProfile]:
    newest = {row.code: row for row in ContactProfile.objects.order_by("code", "version")}
    return [row for row in newest.values() if not row.is_active]


def profile_or_404(code: str) -> Profile:
    found = next((profile for profile in profiles() if profile.id == code), None)
    if found is None:
        raise Http404
    return found


@needs("view")
def page(request: HttpRequest) -> HttpResponse:
    """All profiles, and, for a client named in the address, the answer for this moment."""
    form = AskForm(request.GET or None)
    context = {
        "profiles": [shown(profile) for profile in profiles()],
        "off": switched_off(),
        "form": form,
    }
    if form.is_valid():
        client, channel = form.cleaned_data["client"], form.cleaned_data["channel"]
        rules = applicable(profiles(), place_of(client).where, localdate())
        context |= {"client": client, "answer": may_contact(client, channel, now()), "asked": rules}
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "dashboard/contact_rules/page.html", context, status=status)


@needs("configure")
def new(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, initial={"valid_from": localdate(), "quiet_days_after_talk": 0})
    return _answered(request, form, None)


@needs("configure")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    profile = profile_or_404(code)
    form = ProfileForm(request.POST or None, initial={**as_initial(profile), "valid_from": localdate()})
    form.fields["code"].disabled = True
    return _answered(request, form, profile)


def _answered(request: HttpRequest, form: ProfileForm, profile: Profile | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            row = save_profile(form.draft, actor=request.user)
        except DunningError as error:
            form.add_error(None, str(error))
        else:
            return done(request, f"{row.name}: version {row.version} holds from now on.", "dashboard:contact_profiles")
    context = {"form": form, "profile": profile}
    status = 422 if request.method == "POST" else 200
    return render(request, "dashboard/contact_rules/form.html", context, status=status)


@needs("configure")
@require_POST
def switch_off(request: HttpRequest, code: str) -> HttpResponse:
    """A version that holds nobody back; saving another one brings the profile back."""
    profile = profile_or_404(code)
    form = ProfileForm({**as_initial(profile), "valid_from": localdate().isoformat()})
    if not form.is_valid():
        return refused(request, DunningError("These rules cannot be read."), "dashboard:contact_profiles")
    draft: Draft = form.draft
    row = save_profile(draft, actor=request.user, is_active=False)
    return done(request, f"{row.name} no longer holds anybody back.", "dashboard:contact_profiles")


@needs("configure")
@require_POST
def switch_on(request: HttpRequest, pk: int) -> HttpResponse:
    """The rules of a version that was switched off, as the next version."""
    row = ContactProfile.objects.filter(pk=pk, is_active=False).first()
    if row is None:
        raise Http404
    try:
        made = save_profile(Draft(row.code, row.name, row.source, row.valid_from, row.rules), actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:contact_profiles")
    return done(request, f"{made.name}: version {made.version} holds again.", "dashboard:contact_profiles")


urls = [
    path("contact-rules/", page, name="contact_profiles"),
    path("contact-rules/new/", new, name="contact_profile_new"),
    path("contact-rules/<slug:code>/", edit, name="contact_profile"),
    path("contact-rules/<slug:code>/off/", switch_off, name="contact_profile_off"),
    path("contact-rules/versions/<int:pk>/on/", switch_on, name="contact_profile_on"),
]
