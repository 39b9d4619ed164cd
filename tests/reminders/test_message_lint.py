"""What a letter must say and must never say, tried on the shipped texts with one thing changed."""

from __future__ import annotations

import pytest

from reminders.checking import findings, lists
from reminders.composing import compose_letter
from reminders.rules.lint import NEVER, Told, lint
from reminders.shipped import shipped

from .message_facts import US, notice_facts

pytestmark = pytest.mark.once
LANGUAGES = ("en", "de", "fr", "es", "nl")


def codes(key="demand", channel="letter", *, facts=None, **changed):
    texts = shipped(key, channel, "en")._replace(**changed)
    return [finding.code for finding in findings(key, channel, texts, facts or notice_facts())]


def test_shipped_letter_has_no_finding():
    assert codes() == []
    assert codes("final") == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"opening": "Please pay {{ total }} by {{ deadline }}."}, "no_basis"),
        ({"closing": "Talk to us: payment in parts can be agreed. A final notice follows."}, "no_dispute"),
        ({"closing": "If you dispute an invoice, say so. A final notice follows."}, "no_offer"),
        ({"closing": "If you dispute an invoice, say so. We can agree on parts: in parts."}, "no_next_step"),
        ({"subject": "PAY THIS DEMAND"}, "capitals"),
        ({"opening": "We delivered! Pay {{ total }} now! By {{ deadline }}."}, "shouting"),
        ({"opening": "We delivered. See https://evil.example and pay {{ total }}."}, "never_urgency_not"),
        ({"opening": "We delivered as agreed. You owe 5,000.00 GBP by {{ deadline }}."}, "contradiction"),
        ({"closing": "Pay or we call the police. If you dispute it, say so; in parts. Final notice."}, "never_crime"),
        ({"closing": "A lawsuit follows. Dispute, in parts, final notice."}, "never_court"),
    ],
)
def test_letter_that_lacks_or_threatens_is_held(changed, code):
    found = codes(**changed)
    assert (code in found) is not code.endswith("_not")


def test_two_links_in_a_mail_are_one_too_many():
    assert codes("reminder", "email", closing="See https://elsewhere.example too.") == ["links"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"deadline_on": None}, "no_deadline"),
        ({"client_name": ""}, "no_client"),
    ],
)
def test_letter_without_its_facts_is_held(given, code):
    assert code in codes(facts=notice_facts(**given))


def test_letter_without_account_and_link_does_not_say_how_to_pay():
    us = type(US)(name="Northwind", legal_name="Northwind Supplies Ltd")
    assert "no_way_to_pay" in codes(facts=notice_facts(sender=us, portal_url=""))


def test_total_that_is_not_said_contradicts_the_table():
    told = Told("Demand", "We delivered. 10.00 GBP", kind="demand", amounts=["10.00 GBP"], totals=["12.00 GBP"])
    assert "total" in [finding.code for finding in lint(told, lists("en"))]


def test_final_notice_says_that_a_decision_follows():
    found = codes(
        "final",
        subject="Final notice",
        closing="If you dispute it, say so. In parts is possible. Another final notice comes.",
    )
    assert found == ["no_next_step_final"]


def test_capitals_inside_are_a_warning_only():
    found = findings(
        "reminder", "email", shipped("reminder", "email", "en")._replace(closing="PLEASE pay."), notice_facts()
    )
    assert [(finding.code, finding.is_error) for finding in found] == [("shouted_word", False)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_looks_for_the_same_things(language):
    assert {kind: set(found) for kind, found in lists(language).items()} == {
        kind: set(found) for kind, found in lists("en").items()
    }
    assert set(lists(language)["never"]) == set(NEVER)


@pytest.mark.parametrize(
    ("language", "threat"),
    [
        ("en", "We will tell the police."),
        ("de", "Wir erstatten Strafanzeige."),
        ("fr", "Nous appelons la police."),
        ("es", "Llamaremos a la policía."),
        ("nl", "Wij bellen de politie."),
    ],
)
def test_threats_are_known_in_every_language(language, threat):
    texts = shipped("demand", "letter", language)
    found = findings("demand", "letter", texts._replace(closing=f"{texts.closing}\n\n{threat}"), notice_facts(language))
    assert [finding.code for finding in found] == ["never_crime"]


def test_letter_has_the_deadline_sender_and_account():
    letter = compose_letter("demand", notice_facts())
    assert all(one in letter for one in ("12 Mar 2026", "Northwind Supplies Ltd", "GB33BUKB20201555555555"))
