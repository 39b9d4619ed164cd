"""Every text that ships, in every language: complete, one link, nothing of another language, through the lint."""

from __future__ import annotations

import re

import pytest

from invoices.gateways.words import LANGUAGES
from reminders.answering import compose_answer
from reminders.checking import answer_findings, findings
from reminders.composing import compose, compose_letter, compose_sms
from reminders.models import AcknowledgementKind
from reminders.rules.sms import MOST_SEGMENTS, measure
from reminders.rules.variables import ANSWER, NOTICE, names
from reminders.rules.wording import problems_of
from reminders.shipped import ANSWERS, CHANNELS, FOLDER, KEYS, answer_kinds, shipped, shipped_answer

from .message_facts import LINK, all_notice_facts, answer_facts, notice_facts

pytestmark = pytest.mark.once
OTHERS = [language for language in LANGUAGES if language != "en"]
LAYOUTS = ("", "accepted", "rejected", "withdrawn", "progress")
# Words that only English has, as a sign of a text that was not translated.
ENGLISH = re.compile(
    r"\b(the|you|your|we|please|invoice|payment|thank|with|and|this|that|until|are|will)\b", re.IGNORECASE
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_every_notice_is_written_in_every_language_for_every_way(key, language):
    for channel in CHANNELS:
        texts = shipped(key, channel, language)
        assert texts is not None
        assert texts.language == language
        assert texts.opening
        for part in texts[1:4]:
            assert problems_of(part, names(NOTICE)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_is_written_in_every_language(language):
    folders = {folder.name for folder in (FOLDER / ANSWERS).iterdir() if folder.is_dir()}
    assert folders == set(answer_kinds()) <= set(AcknowledgementKind.values)
    for kind in answer_kinds():
        texts = shipped_answer(kind, language)
        assert texts is not None
        assert texts.language == language
        for part in texts[1:3]:
            assert part
            assert problems_of(part, names(ANSWER)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_every_notice_says_its_figures_with_one_link_whatever_the_facts(key, language):
    for facts in all_notice_facts(language, is_due=key != "friendly"):
        words = compose(key, facts)
        assert words.language == language
        assert words.text.count("http") == words.html.count("http") == 1
        assert words.text.count(LINK) == 1
        assert not re.search(r"[{}]|None|  \.", words.subject + words.html.partition("<body")[2])
        assert all(item.number in words.text for item in facts.items)
        for channel in CHANNELS:
            assert findings(key, channel, shipped(key, channel, language), facts) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_every_text_message_fits_with_the_link_once(key, language):
    for facts in all_notice_facts(language, is_due=key != "friendly"):
        said = compose_sms(key, facts)
        assert said.count(LINK) == 1
        assert measure(said).segments <= MOST_SEGMENTS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", answer_kinds())
def test_every_answer_reads_with_all_facts_and_with_few(kind, language):
    for layout in LAYOUTS if kind == "dispute_answered" else ("",):
        for is_full in (True, False):
            facts = answer_facts(language, is_full=is_full, layout=layout)
            words = compose_answer(kind, facts)
            assert words.language == language
            assert words.text.count(LINK) == words.html.count(LINK) == 1
            assert not re.search(r"[{}]|None", words.subject + words.text)
            assert answer_findings(shipped_answer(kind, language), facts) == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_is_left_in_another_language(language):
    said = [compose(key, facts).text for key in KEYS for facts in all_notice_facts(language)]
    said += [compose_letter(key, facts) for key in KEYS for facts in all_notice_facts(language)]
    said += [
        compose_answer(kind, answer_facts(language, layout=layout)).text
        for kind in answer_kinds()
        for layout in LAYOUTS
    ]
    for text in said:
        body = re.sub(r"(?s)<(style|svg|head)\b.*?</\1>|<[^>]+>", " ", text)
        assert ENGLISH.findall(body) == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Dear Anna,", "1,000.00\u00a0GBP", "31 Jan 2026"]),
        ("de", ["Guten Tag Anna Berg,", "1.000,00\u00a0GBP", "31.01.2026"]),
        ("fr", ["Bonjour Anna,", "1\u202f000,00\u00a0GBP", "31 janv. 2026"]),
        ("es", ["Hola, Anna:", "1.000,00\u00a0GBP", "31 ene 2026"]),
        ("nl", ["Beste Anna,", "1.000,00\u00a0GBP", "31 jan 2026"]),
        ("it", ["Dear Anna,", "31 Jan 2026"]),
        ("de-AT", ["Guten Tag Anna Berg,"]),
    ],
)
def test_figures_dates_and_greeting_follow_the_reader(language, said):
    text = compose("reminder", notice_facts(language)).text
    assert [one for one in said if one not in text] == []


def test_second_person_is_greeted_by_his_own_name():
    text = compose("reminder", notice_facts("de", first_name="Ben")).text
    assert text.startswith("Guten Tag Ben,")


def test_markup_in_a_name_stays_a_name():
    facts = notice_facts(client_name="<b>A&B</b>", first_name="", full_name="")
    words = compose("reminder", facts)
    assert "Dear <b>A&B</b>," in words.text
    assert "Dear &lt;b&gt;A&amp;B&lt;/b&gt;," in words.html
    assert "<b>A&B" not in compose_letter("demand", facts)
