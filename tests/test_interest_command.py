"""manage.py interest: figures as JSON or to read, and one sentence for bad input."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db  # rates that staff added count too

UK = "--scheme uk-1998 --debtor-type company --amount 999.99 --due 2026-01-31 --paid 2026-03-31"


def answer(capsys: pytest.CaptureFixture[str], words: str) -> dict[str, Any]:
    call_command("interest", *words.split(), "--json")
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def refused(capsys: pytest.CaptureFixture[str], words: str) -> dict[str, Any]:
    with pytest.raises(SystemExit) as ended:
        call_command("interest", *words.split(), "--json")
    assert ended.value.code == 1
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_json_holds_rate_days_interest_fixed_sum_and_lines(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, UK)
    figures = [found[key] for key in ("rate", "days", "interest", "fixed_sum")]
    assert figures == ["11.75", 59, "18.99", "40.00"]
    assert found["lines"][0]["amount"] == "18.992961"


# words; rate, days, interest, fixed sum
ANSWERED = [
    (
        "--scheme uk-1998 --amount 10000 --due 2026-01-31 --paid 2026-04-01 --payment 2026-03-02=4000",
        ("11.75", 60, "154.52", "100.00"),
    ),
    (
        "--scheme de-288 --debtor-type company --amount 10000 --due 2025-12-31 --paid 2026-09-30",
        ("10.52", 273, "774.44", "40.00"),
    ),
    ("--scheme uk-1998 --amount 100 --due 2026-01-31 --paid 2026-01-31", ("11.75", 0, "0.00", "0.00")),
    ("--scheme uk-1998 --amount 1000 --invoiced 2026-01-01 --paid 2026-02-01", ("11.75", 1, "0.32", "70.00")),
    (
        "--scheme us-prompt-payment --debtor-type public --amount 1500 --due 2026-01-31 --paid 2026-02-10 --rate 6.5",
        ("6.50", 10, "2.71", "0.00"),
    ),
    (
        "--scheme contract --debtor-type sole-trader --amount 1000 --due 2026-01-31 --paid 2026-03-31 --rate 8.5",
        ("8.50", 59, "13.74", "0.00"),
    ),
    (
        "--scheme contract --country CA --amount 1000 --due 2026-01-31 --paid 2026-03-31 --monthly-rate 2",
        ("5.00", 59, "8.08", "0.00"),
    ),
    (
        "--scheme nl-bik --debtor-type consumer --amount 300 --due 2026-01-31 --paid 2027-03-31",
        ("0.00", 424, "0.00", "45.00"),
    ),
    (
        "--scheme contract --amount 1000 --currency JPY --due 2026-01-31 --paid 2026-03-31 --rate 11.75",
        ("11.75", 59, "19", "0"),
    ),
]


@pytest.mark.parametrize(("words", "figures"), ANSWERED)
def test_answered(capsys: pytest.CaptureFixture[str], words: str, figures: tuple[str, int, str, str]) -> None:
    found = answer(capsys, words)
    assert tuple(found[key] for key in ("rate", "days", "interest", "fixed_sum")) == figures


PLAIN = "--amount 100 --due 2026-01-31 --paid 2026-03-31"
BAD = [
    ("--scheme uk-1998 --amount 100 --due 2026-12-31 --paid 2027-01-31", "NO_REFERENCE_RATE", "from 2027-01-01"),
    (f"--scheme uk-1998 --debtor-type consumer {PLAIN}", "NOT_FOR_DEBTOR_TYPE", "between businesses"),
    (f"--scheme uk-1998 --debtor-type king {PLAIN}", "INVALID_INPUT", "not 'king'"),
    (f"--scheme uk {PLAIN}", "UNKNOWN_SCHEME", "no interest scheme 'uk'"),
    (f"--scheme fr-l441-10 --rate 5 {PLAIN}", "RATE_BELOW_FLOOR", "below 7.86 %"),
    (f"--scheme contract --country CA --debtor-type consumer --rate 36 {PLAIN}", "RATE_ABOVE_CAP", "35 %"),
    (f"--scheme contract {PLAIN}", "RATE_NEEDED", "yearly rate"),
    (f"--scheme contract --rate x {PLAIN}", "INVALID_INPUT", "--rate takes a number"),
    (f"--scheme contract --rate 8 --currency E1 {PLAIN}", "INVALID_INPUT", "--currency takes a code"),
    (f"{PLAIN}", "INVALID_INPUT", "--scheme is missing"),
    ("--scheme uk-1998 --amount 100 --paid 2026-03-31", "INVALID_INPUT", "--due is missing"),
    ("--scheme uk-1998 --amount 100 --due 2026-03-31 --paid 2026-03-30", "INVALID_DATE", "nothing is late"),
    ("--scheme uk-1998 --amount 100 --due 2026-02-30 --paid 2026-03-30", "INVALID_DATE", "--due takes a date"),
    ("--scheme uk-1998 --amount 100 --due 20260228 --paid 2026-03-30", "INVALID_DATE", "--due takes a date"),
    ("--scheme uk-1998 --amount -100 --due 2026-01-31 --paid 2026-03-31", "INVALID_AMOUNT", "more than 0, not -100"),
    ("--scheme uk-1998 --amount 1,000 --due 2026-01-31 --paid 2026-03-31", "INVALID_INPUT", "not '1,000'"),
    ("--scheme uk-1998 --amount NaN --due 2026-01-31 --paid 2026-03-31", "INVALID_INPUT", "not 'NaN'"),
    (f"--scheme uk-1998 {PLAIN} --payment 2026-02-01", "INVALID_PAYMENT", "DATE=AMOUNT"),
    (f"--scheme uk-1998 {PLAIN} --payment 2026-04-01=5", "INVALID_PAYMENT", "lies after 2026-03-31"),
    (f"--scheme uk-1998 {PLAIN} --payment 2026-02-01=60 2026-02-02=41", "INVALID_PAYMENT", "sum to 101"),
    (f"--scheme uk-1998 {PLAIN} --payment 2026-02-01=-5", "INVALID_PAYMENT", "more than 0, not -5"),
]


@pytest.mark.parametrize(("words", "code", "said"), BAD)
def test_bad_input_is_answered_with_a_code_and_a_sentence(
    capsys: pytest.CaptureFixture[str], words: str, code: str, said: str
) -> None:
    found = refused(capsys, words)
    assert found["error"] == code
    assert said in found["message"]


@pytest.mark.parametrize(("words", "code", "said"), BAD)
def test_without_json_the_sentence_is_the_error(words: str, code: str, said: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command("interest", *words.split())
    assert said in str(error.value)
    assert error.value.returncode == 1


def test_text_prints_the_computation_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("interest", *UK.split())
    out = capsys.readouterr().out
    for part in (
        "59 days",
        "2026-02-01",
        "18.992961",
        "Interest   GBP 18.99",
        "Fixed sum  GBP 40.00",
        "31 December 2025",
    ):
        assert part in out
