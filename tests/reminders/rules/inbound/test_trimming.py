from __future__ import annotations

import pytest

from reminders.rules.inbound.trimming import new_part, without_cards


@pytest.mark.parametrize(
    "quote",
    [
        "On Fri, 5 Jun 2026 at 09:12, Accounts <accounts@northwind.example> wrote:\n> Please pay",
        "On Friday, 5 June 2026, Accounts Receivable of Northwind Tools\n<accounts@northwind.example> wrote:\n> Please",
        "Am 05.06.2026 um 09:12 schrieb Accounts:\n> Bitte",
        "Le ven. 5 juin 2026 à 09:12, Accounts a écrit :\n> Merci",
        "El vie, 5 jun 2026 a las 9:12, Accounts escribió:\n> Por favor",
        "Op vr 5 jun. 2026 om 09:12 schreef Accounts:\n> Graag",
        "-----Original Message-----\nFrom: Accounts",
        "-----Ursprüngliche Nachricht-----\nVon: Accounts",
        "________________________________\nFrom: Accounts\nSent: Friday",
        "From: Accounts <accounts@northwind.example>\nSent: Friday, 5 June 2026\nTo: Ann\nSubject: Invoice",
        "Von: Accounts\nGesendet: Freitag, 5. Juni 2026\nAn: Ann",
        "De : Accounts\nEnvoyé : vendredi 5 juin 2026",
        "Van: Accounts\nVerzonden: vrijdag 5 juni 2026",
        "-- \nAnn Lee\nAcme Ltd",
        "Sent from my phone",
        "Von meinem Telefon gesendet",
        "> Please pay\n> by Friday",
    ],
)
def test_what_is_quoted_is_cut(quote):
    assert new_part(f"We pay on Friday.\n\nThanks, Ann\n\n{quote}\n") == "We pay on Friday.\n\nThanks, Ann"


@pytest.mark.parametrize(
    "text",
    [
        "From: now on we pay by card.\nThat is all.",
        "On reflection we dispute it.",
        "De: 3 facturen zijn betaald.",
        "Am Freitag zahlen wir.",
    ],
)
def test_sentences_that_look_like_quotes_stay(text):
    assert new_part(text) == text


def test_answers_between_quoted_lines_are_kept():
    assert new_part("> Did you pay?\nYes.\n> When?\nOn Friday.") == "Yes.\nOn Friday."


def test_a_mail_of_quotes_only_is_shown_whole():
    assert new_part("> Please pay") == "> Please pay"


def test_a_very_long_mail_is_cut():
    assert len(new_part("x" * 100_000)) == 20_000


@pytest.mark.parametrize("number", ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242"])
def test_card_numbers_are_masked(number):
    assert without_cards(f"Use {number} please.") == "Use [card ending in 4242] please."


@pytest.mark.parametrize("number", ["4242424242424241", "1234567890", "9999999999999995", "DE89370400440532013000"])
def test_other_numbers_stay(number):
    assert without_cards(f"It is {number}.") == f"It is {number}."
