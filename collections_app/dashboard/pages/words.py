"""The words of every message: what is shipped and what staff wrote, an editor with preview, versions."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_POST

from collections_app.permissions import needs
from invoices.models import Client
from reminders.errors import DunningError
from reminders.models import AcknowledgementKind, MessageTemplate
from reminders.queries.words import as_texts, edited_versions
from reminders.rules.texts import Texts
from reminders.services import words
from reminders.services.words_trial import compared, send_trial, tried
from reminders.shipped import CHANNELS, KEYS, answer_kinds

from ..forms.words import WordsForm
from ..said import done, refused

WAYS = {"email": "Mail", "letter": "Letter", "sms": "Text message"}
NAMES = {
    "friendly": "Friendly notice",
    "reminder": "Reminder",
    "firm": "Firm reminder",
    "manager": "From the account manager",
    "demand": "Formal demand",
    "final": "Final notice",
}
TONGUES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "nl": "Dutch"}


class Row(NamedTuple):
    """One message in the list: (language, its name, version; 0 ships)."""

    key: str
    name: str
    channel: str
    way: str
    versions: tuple[tuple[str, str, int], ...]


class Place(NamedTuple):
    """Which texts an address is about."""

    key: str
    channel: str
    language: str

    @property
    def title(self) -> str:
        return f"{name_of(self.key)}, {WAYS[self.channel].lower()}, {TONGUES[self.language]}"


def name_of(key: str) -> str:
    return NAMES.get(key) or str(AcknowledgementKind(key).label)


def place_of(key: str, channel: str, language: str) -> Place:
    if not words.exists(key, channel, language):
        raise Http404
    return Place(key, channel, language)


@needs("view")
def overview(request: HttpRequest) -> HttpResponse:
    edited = edited_versions()

    def row(key: str, channel: str) -> Row:
        versions = tuple((code, TONGUES[code], edited.get((key, channel, code), 0)) for code in TONGUES)
        return Row(key, name_of(key), channel, WAYS[channel], versions)

    context = {
        "languages": [TONGUES[code] for code in TONGUES],
        "notices": [row(key, channel) for key in KEYS for channel in CHANNELS],
        "answers": [row(kind, "email") for kind in answer_kinds()],
    }
    return render(request, "dashboard/words/list.html", context)


@needs("configure")
def edit(request: HttpRequest, key: str, channel: str, language: str) -> HttpResponse:
    place = place_of(key, channel, language)
    if request.method != "POST":
        texts = words.texts_now(*place)
        initial = {part: getattr(texts, part) for part in words.PARTS}
        given = {**initial, "based_on": texts.version, "client": request.GET.get("client", "")[:40]}
        return shown(request, place, WordsForm(initial=given, key=key, channel=channel), texts)
    form = WordsForm(request.POST, key=key, channel=channel)
    texts = form.texts(language)
    action = request.POST.get("action", "preview")
    if action == "preview" and request.headers.get("HX-Request"):
        return render(request, "dashboard/words/_preview.html", preview_of(place, form, texts))
    if form.is_valid() and action in ACTIONS:
        try:
            return ACTIONS[action](request, place, form, texts)
        except words.WordsRefused as error:
            for part, sentences in error.problems.items():
                for sentence in sentences:
                    form.add_error(part or None, sentence)
        except DunningError as error:
            form.add_error(None, str(error))
    return shown(request, place, form, texts)


def save(request: HttpRequest, place: Place, form: WordsForm, texts: Texts) -> HttpResponse:
    texts = texts._replace(subject=form.cleaned_data.get("subject", ""))
    based_on = form.cleaned_data["based_on"]
    row, warnings = words.save_words(place.key, place.channel, texts, actor=request.user, based_on=based_on)
    said = " ".join(["Saved as version", f"{row.version}.", *map(str, warnings)])
    return done(request, said, "dashboard:words_edit", *place)


def mail_to_me(request: HttpRequest, place: Place, form: WordsForm, texts: Texts) -> HttpResponse:
    words.check(place.key, place.channel, texts)
    to = request.user.email  # type: ignore[union-attr]
    send_trial(place.key, texts, client_of(form), to=to)
    return shown(request, place, form, texts, said=f"A trial went to {to}. Nothing was saved.")


def just_look(request: HttpRequest, place: Place, form: WordsForm, texts: Texts) -> HttpResponse:
    words.check(place.key, place.channel, texts)
    return shown(request, place, form, texts)


ACTIONS = {"save": save, "trial": mail_to_me, "preview": just_look}


def client_of(form: WordsForm) -> Client | None:
    code = (form.data.get("client") or form.initial.get("client") or "").strip()
    return Client.objects.filter(code__iexact=code).select_related("account_manager").first() if code else None


def preview_of(place: Place, form: WordsForm, texts: Texts) -> dict[str, Any]:
    client = client_of(form)
    return {"tried": tried(place.key, place.channel, texts, client), "client": client, "ways": WAYS, "place": place}


def shown(request: HttpRequest, place: Place, form: WordsForm, texts: Texts, *, said: str = "") -> HttpResponse:
    versions = list(words.versions_of(*place)[:30])
    old = next((row for row in versions if str(row.pk) == request.GET.get("compare", "")), None)
    shipped = words.shipped_texts(*place)
    before = as_texts(old) if old else shipped
    context = {
        "form": form,
        "said": said,
        "languages": [(code, TONGUES[code]) for code in TONGUES],
        "variables": words.variables_of(place.key),
        "versions": versions,
        "compared_with": old,
        "changes": compared(before, texts, place.key, place.channel),
        "is_edited": any(row.is_active for row in versions),
        **preview_of(place, form, texts),
    }
    return render(request, "dashboard/words/edit.html", context, status=422 if form.is_bound and form.errors else 200)


@needs("configure")
@require_POST
def reset(request: HttpRequest, key: str, channel: str, language: str) -> HttpResponse:
    place = place_of(key, channel, language)
    if words.reset_words(*place, actor=request.user):
        text = "The shipped texts hold again. Your versions are kept below, each can be brought back."
    else:
        text = "The shipped texts hold already."
    return done(request, text, "dashboard:words_edit", *place)


@needs("configure")
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    old = MessageTemplate.objects.filter(pk=pk).first()
    if old is None:
        raise Http404
    place = (old.key, old.channel, old.language)
    try:
        row = words.restore_words(pk, actor=request.user)
    except DunningError as error:
        return refused(request, error, "dashboard:words_edit", *place)
    return done(request, f"Version {old.version} is back, as version {row.version}.", "dashboard:words_edit", *place)


PLACE = "words/<slug:key>/<slug:channel>/<slug:language>/"
urls = [
    path("words/", overview, name="words"),
    path("words/versions/<int:pk>/restore/", restore, name="words_restore"),
    path(PLACE, edit, name="words_edit"),
    path(f"{PLACE}reset/", reset, name="words_reset"),
]
