"""The restricted language of staff's texts: what it can do, and the sentence for what it refuses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from reminders.rules.speech import Day, Sum
from reminders.rules.variables import ANSWER, NOTICE, names
from reminders.rules.wording import LONGEST, WordingError, parsed, problems_of, rendered

KNOWN = names(NOTICE)
NAMES = {
    "total": Sum(Decimal("1234.5"), "EUR", "de"),
    "deadline": Day(date(2026, 3, 12), "de"),
    "manager_name": None,
    "items": [{"number": "A"}, {"number": "B"}],
    "client": "Slowco",
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ total }} bis {{ deadline }}", "1.234,50\u00a0EUR bis 12.03.2026"),
        ("{{ deadline | date: 'long' }}", "12. März 2026"),
        ("{{ deadline | date: 'weekday' }}", "Donnerstag, 12. März 2026"),
        ("{{ deadline | date: 'odd' }}", "12.03.2026"),
        ("{{ total | money }} / {{ total | money: 'bare' }}", "1.234,50\u00a0EUR / 1.234,50"),
        ("{% if manager_name %}x{% else %}y{% endif %}", "y"),
        ("{% for item in items %}{{ item.number }}{% unless forloop.last %}, {% endunless %}{% endfor %}", "A, B"),
        ("{{ items.size }} {{ items.first.number }}", "2 A"),
        ("{% comment %}nothing{% endcomment %}{{ client | downcase }}", "slowco"),
        ("<b>{{ client }}</b>", "<b>Slowco</b>"),
    ],
)
def test_text_is_filled_in(text, said):
    assert rendered(text, NAMES) == said
    assert problems_of(text, KNOWN) == []


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("Dear {{ nobody }}", (1, 9), "There is no variable nobody"),
        ("one\n two {{ totl }}", (2, 9), "There is no variable totl"),
        ("{{ client.name }}", (1, 4), "client has nothing below it"),
        ("{% for item in items %}{{ item.number }}{% endfor %}{{ item.number }}", (1, 56), "no variable item"),
        ("{{ items.first.colour }}", (1, 4), "items has no colour; it has number"),
        ("{{ total | safe }}", (1, 12), "Unknown filter 'safe'. There are: capitalize, date"),
        ("{{ total | shout }}", (1, 12), "Unknown filter"),
        ("{{ total", (1, 1), "Expected"),
        ("{% if total %}x", (0, 0), "Expected tag endif"),
        ("{% include 'x' %}", (1, 4), "Unexpected tag 'include'"),
        ("{% render 'x' %}", (1, 4), "Unexpected tag 'render'"),
        ("{% assign a = 1 %}", (1, 4), "Unexpected tag 'assign'"),
        ("{% capture a %}{% endcapture %}", (1, 4), "Unexpected tag 'capture'"),
        ("{% if true %}" * 30 + "{% endif %}" * 30, None, "Too much: block nesting limit"),
        ("x" * (LONGEST + 1), (0, 0), "8001 characters; 8000 are the most"),
        ("{{ client" + ".a" * 3000 + " }}", (1, 4), "client has nothing below it"),
        ("{{ request.user }}", (1, 4), "There is no variable request"),
        ("{{ client.__class__ }}", (1, 4), "client has nothing below it"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text, place, words):
    problem = problems_of(text, KNOWN)[0]
    assert words in problem.message
    assert place is None or (problem.line, problem.column) == place


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in (1..100000000) %}x{% endfor %}",
        "{% for a in items %}" + "{% for i in (1..200) %}x{% endfor %}" * 2 + "{% endfor %}",
        "{% for i in (1..250) %}" + "y" * 300 + "{% endfor %}",
    ],
)
def test_bomb_ends_with_a_sentence(text):
    with pytest.raises(WordingError, match="Too much"):
        rendered(text, NAMES)


def test_unknown_name_stops_the_message_too():
    with pytest.raises(WordingError, match="Line 1, column 4: There is nothing to put in here"):
        rendered("{{ nobody }}", NAMES)


def test_values_do_not_open_python():
    with pytest.raises(WordingError):
        rendered("{{ client.__class__.__mro__ }}", NAMES)
    with pytest.raises(WordingError):
        rendered("{{ total.value.as_tuple }}", NAMES)


def test_text_is_parsed_once():
    assert parsed("{{ client }}") is parsed("{{ client }}")


@pytest.mark.parametrize("variables", [NOTICE, ANSWER])
def test_every_variable_is_explained(variables):
    assert len({variable.name for variable in variables}) == len(variables)
    assert all(variable.meaning and variable.example for variable in variables)
