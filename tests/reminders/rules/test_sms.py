from __future__ import annotations

import pytest

from reminders.rules.numbers import e164, ways_of_writing
from reminders.rules.sms import CONFIRMATIONS, confirmation, is_stop, measure

# text, alphabet, units, messages
SIZES = [
    ("a" * 160, "GSM-7", 160, 1),
    ("a" * 161, "GSM-7", 161, 2),
    ("a" * 306, "GSM-7", 306, 2),
    ("a" * 307, "GSM-7", 307, 3),
    ("£5 für Zoë" + "!" * 10, "UCS-2", 20, 1),
    ("10 €", "GSM-7", 5, 1),
    ("€" * 80, "GSM-7", 160, 1),
    # an extended character is not cut in two: 152 places, then one of two that does not fit
    ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
    ("ł" * 70, "UCS-2", 70, 1),
    ("ł" * 71, "UCS-2", 71, 2),
    ("👍" * 35, "UCS-2", 70, 1),
    ("👍" * 36, "UCS-2", 72, 2),
    ("", "GSM-7", 0, 1),
]


@pytest.mark.parametrize(("text", "alphabet", "units", "segments"), SIZES)
def test_size_is_what_networks_count(text, alphabet, units, segments):
    assert measure(text) == (alphabet, units, segments)


@pytest.mark.parametrize(
    "text", ["STOP", "stop.", " Stop ", "STOPALL", "Unsubscribe", "Abmelden", "ARRÊT", "baja", "AFMELDEN", '"Stop"']
)
def test_stop_in_five_languages(text):
    assert is_stop(text)


@pytest.mark.parametrize("text", ["Please stop the reminders, we paid", "", "non stop", "OK"])
def test_more_than_the_word_is_read_by_a_person(text):
    assert not is_stop(text)


@pytest.mark.parametrize("language", CONFIRMATIONS)
def test_confirmation_is_one_message_and_names_us(language):
    text = confirmation(language, "Northwind Tools")
    assert "Northwind Tools" in text
    assert measure(text).segments == 1


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("+44 20 7946 0018", "", "+442079460018"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("0171 1234567", "DE", "+491711234567"),
        ("020 7946 0018", "", ""),
        ("ask for Ann", "GB", ""),
        ("12", "GB", ""),
    ],
)
def test_number_as_networks_write_it(written, country, number):
    assert e164(written, country) == number


def test_ways_of_writing_include_what_people_type():
    assert {"+442079460018", "+44 20 7946 0018", "020 7946 0018", "02079460018"} <= set(
        ways_of_writing("+442079460018")
    )
