"""The texts that ship, from templates/notices: a folder per key and language, in the language that staff write in too.

<key>/<language>/subject.txt, opening.txt, closing.txt     the mail
<key>/<language>/letter/...                                the letter; where there is none, the mail's texts
<key>/<language>/sms.txt                                   the text message
acknowledgements/<kind>/<language>/subject.txt, body.txt   an answer; its body is the opening
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from invoices.gateways.words import LANGUAGES, document_language

from .rules.lint import LETTERS
from .rules.texts import Texts

FOLDER = Path(settings.BASE_DIR) / "templates" / "notices"
ANSWERS = "acknowledgements"
KEYS = ("friendly", "reminder", "firm", "manager", *LETTERS)
CHANNELS = ("email", "letter", "sms")


def written_in(language: str) -> str:
    """The language that a reader of `language` is written to: de for de-AT, English where there are no texts."""
    return document_language(language)


@cache
def shipped(key: str, channel: str, language: str) -> Texts | None:
    """The text of a notice in this language, else in English; None for an unknown key."""
    return next((found for code in _codes(language) if (found := _notice(key, channel, code))), None)


@cache
def shipped_answer(kind: str, language: str) -> Texts | None:
    """The same of an acknowledgement."""
    for code in _codes(language):
        folder = FOLDER / ANSWERS / kind / code
        if (folder / "body.txt").is_file():
            return Texts(code, _read(folder / "subject.txt"), _read(folder / "body.txt"))
    return None


@cache
def answer_kinds() -> tuple[str, ...]:
    """The acknowledgements whose texts staff may edit."""
    return tuple(sorted(folder.parent.name for folder in (FOLDER / ANSWERS).glob("*/en")))


def _codes(language: str) -> tuple[str, ...]:
    code = written_in(language)
    return (code,) if code == LANGUAGES[0] else (code, LANGUAGES[0])


def _notice(key: str, channel: str, code: str) -> Texts | None:
    folder = FOLDER / key / code
    if channel == "sms":
        return Texts(code, "", _read(folder / "sms.txt")) if (folder / "sms.txt").is_file() else None
    if channel == "letter" and (folder / "letter").is_dir():
        folder = folder / "letter"
    if not (folder / "opening.txt").is_file():
        return None
    return Texts(code, *(_read(folder / f"{part}.txt") for part in ("subject", "opening", "closing")))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip("\n") if path.is_file() else ""
