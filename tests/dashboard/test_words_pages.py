"""The pages of texts: list, editor, preview, trial, versions."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.urls import reverse

from reminders.models import MessageTemplate
from tests import builders
from tests.dashboard.dunning_world import as_user

pytestmark = pytest.mark.django_db
GIVEN = {"subject": "About {{ number }}", "opening": "{{ number }} is open.", "closing": "Thanks.", "based_on": "0"}


@pytest.fixture
def fay(db):
    builders.an_organisation()
    manager = builders.fay()
    manager.groups.set([Group.objects.get_or_create(name="Manager")[0]])
    return as_user(manager)


def edit_url(key="reminder", channel="email", language="en"):
    return reverse("dashboard:words_edit", args=[key, channel, language])


def test_list_names_every_message_and_what_is_edited(fay):
    fay.post(edit_url(), {**GIVEN, "action": "save"})
    page = fay.get(reverse("dashboard:words")).content.decode()
    assert page.count("version 1</a>") == 1
    assert "Formal demand" in page
    assert "Payment received" in page


def test_saving_makes_a_version_and_says_so(fay):
    answer = fay.post(edit_url(), {**GIVEN, "action": "save"}, follow=True)
    assert "Saved as version 1." in answer.content.decode()
    assert MessageTemplate.objects.get().subject == "About {{ number }}"


def test_errors_keep_what_was_typed(fay):
    answer = fay.post(edit_url(), {**GIVEN, "opening": "Dear {{ nobdy }}", "action": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Dear {{ nobdy }}" in page
    assert "Line 1, column 9: There is no variable nobdy." in page
    assert not MessageTemplate.objects.exists()


def test_preview_shows_a_client_and_saves_nothing(fay):
    client = builders.slowco()
    builders.an_invoice(client, days_late=12, amount="321.00")
    given = {**GIVEN, "client": client.code, "action": "preview"}
    page = fay.post(edit_url(), given).content.decode()
    live = fay.post(edit_url(), {**given, "opening": "{{ oops }}"}, headers={"HX-Request": "true"}).content.decode()
    assert "321.00" in page
    assert "GSM-7" in page
    assert "There is nothing to put in here" in live
    assert "<html" not in live
    assert not MessageTemplate.objects.exists()


def test_trial_goes_to_the_reader_and_saves_nothing(fay, settings):
    user = builders.fay()
    type(user).objects.filter(pk=user.pk).update(email="fay@example.com")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    page = fay.post(edit_url(), {**GIVEN, "action": "trial"}).content.decode()
    assert "A trial went to fay@example.com." in page
    assert [one.subject for one in mail.outbox] == ["[Trial] About INV-1041"]
    assert not MessageTemplate.objects.exists()


def test_versions_can_be_compared_brought_back_and_reset(fay):
    fay.post(edit_url(), {**GIVEN, "action": "save"})
    fay.post(edit_url(), {**GIVEN, "closing": "Bye.", "based_on": "1", "action": "save"})
    first = MessageTemplate.objects.get(version=1)
    assert "<del>Thanks.</del>" in fay.get(edit_url() + f"?compare={first.pk}").content.decode()
    fay.post(reverse("dashboard:words_restore", args=[first.pk]))
    assert MessageTemplate.objects.get(is_active=True).closing == "Thanks."
    fay.post(reverse("dashboard:words_reset", args=["reminder", "email", "en"]))
    assert not MessageTemplate.objects.filter(is_active=True).exists()


@pytest.mark.parametrize("place", [("demand", "letter", "de"), ("final", "sms", "nl"), ("invoice", "email", "fr")])
def test_every_kind_of_message_has_its_editor(fay, place):
    assert fay.get(edit_url(*place)).status_code == 200


@pytest.mark.parametrize("place", [("nothing", "email", "en"), ("invoice", "sms", "en"), ("reminder", "email", "it")])
def test_message_that_does_not_exist_has_none(fay, place):
    assert fay.get(edit_url(*place)).status_code == 404


def test_reader_sees_the_list_but_edits_nothing(db):
    builders.an_organisation()
    reader = builders.ray()
    reader.groups.set([Group.objects.get_or_create(name="Read-only")[0]])
    ray = as_user(reader)
    assert ray.get(reverse("dashboard:words")).status_code == 200
    assert ray.get(edit_url()).status_code == 403
    assert ray.post(edit_url(), {**GIVEN, "action": "save"}).status_code == 403
