"""Staff's own texts: saved as versions, refused with reasons, brought back, and used for the clients they fit."""

from __future__ import annotations

import pytest

from invoices.models import AuditEvent
from reminders.composing import compose
from reminders.errors import DunningError
from reminders.models import MessageTemplate
from reminders.queries.words import edited_texts
from reminders.rules.texts import Texts
from reminders.services.words import WordsRefused, reset_words, restore_words, save_words, texts_now
from reminders.services.words_trial import compared, facts_for, tried
from reminders.shipped import shipped
from tests import builders

from .message_facts import notice_facts

pytestmark = pytest.mark.django_db
MINE = Texts("en", "About invoice {{ number }}", "Invoice {{ number }} is still open.", "Thank you.")


@pytest.fixture(autouse=True)
def us():
    return builders.an_organisation()


def save(texts=MINE, key="reminder", channel="email", **given):
    return save_words(key, channel, texts, actor=builders.fay(), **given)[0]


def said(language="en", template="reminder"):
    return compose(template, notice_facts(language, edited=edited_texts(language)))


def test_saved_texts_hold_for_readers_of_their_language_only():
    save()
    assert "Invoice INV-1041 is still open." in said().text
    assert said().subject == "About invoice INV-1041"
    assert "still open" not in said("de").text


def test_each_change_is_a_version_with_who_and_what():
    first, second = save(), save(MINE._replace(closing="Many thanks."))
    assert [first.version, second.version] == [1, 2]
    assert list(MessageTemplate.objects.filter(is_active=True)) == [second]
    event = AuditEvent.objects.filter(verb="words_changed").latest("pk")
    assert (event.before["closing"], event.after["closing"]) == ("Thank you.", "Many thanks.")


def test_reset_and_bringing_back_keep_all_versions():
    first = save()
    assert reset_words("reminder", "email", "en", actor="Fay")
    assert texts_now("reminder", "email", "en") == shipped("reminder", "email", "en")
    assert not reset_words("reminder", "email", "en", actor="Fay")
    back = restore_words(first.pk, actor="Fay")
    assert back.version == 2
    assert "still open" in said().text


@pytest.mark.parametrize(
    ("key", "channel", "texts", "part", "words"),
    [
        ("reminder", "email", MINE._replace(opening="Dear {{ nobody }}"), "opening", "Line 1, column 9: There is no"),
        ("reminder", "email", MINE._replace(subject=""), "subject", "The subject is empty."),
        ("reminder", "email", MINE._replace(subject="PAY TODAY PLEASE"), "", "all in capitals"),
        ("reminder", "email", MINE._replace(closing="We call the police."), "", "Never speak of crime"),
        ("demand", "letter", MINE, "", "It does not say what to do when an invoice is disputed."),
        ("reminder", "email", MINE._replace(opening="{% for i in (1..9999) %}x{% endfor %}"), "", "Too much"),
        ("reminder", "sms", MINE._replace(opening="Pay. " * 200 + "{{ link }}"), "", "segments; 4 are the most"),
        ("invoice", "email", MINE._replace(opening="{{ deadline }}"), "opening", "There is no variable deadline"),
    ],
)
def test_texts_that_cannot_be_used_are_not_saved(key, channel, texts, part, words):
    with pytest.raises(WordsRefused) as refused:
        save(texts, key, channel)
    assert words in " ".join(refused.value.problems[part])
    assert not MessageTemplate.objects.exists()


def test_the_second_of_two_editors_is_told():
    save(based_on=0)
    with pytest.raises(DunningError, match="saved version 1 meanwhile"):
        save(MINE._replace(closing="Mine."), based_on=0)


def test_shipped_texts_saved_unchanged_make_no_version():
    with pytest.raises(DunningError, match="Nothing is different"):
        save(shipped("reminder", "email", "en"))


def test_unknown_message_is_refused():
    with pytest.raises(DunningError, match="There is no message"):
        save(key="nothing")


def test_preview_is_of_the_real_client_without_his_link():
    client = builders.slowco()
    builders.an_invoice(client, days_late=12, amount="321.00")
    facts = facts_for("reminder", "en", client)
    assert facts.overdue[0].days_past_due == 12
    ways = tried("reminder", "email", MINE, client)
    assert [one.channel for one in ways] == ["email", "letter", "sms"]
    assert "321.00" in ways[0].text
    assert "your-clients-own-link" in ways[0].text
    assert ways[2].size.segments >= 1


def test_preview_of_broken_texts_says_why():
    assert "There is nothing" in tried("reminder", "email", MINE._replace(opening="{{ x }}"), None)[0].problem


def test_comparison_shows_what_went_and_came():
    other = MINE._replace(closing="Thank you.\nBye.")
    assert compared(MINE, other, "reminder", "email") == {"closing": [(" ", "Thank you."), ("+", "Bye.")]}
