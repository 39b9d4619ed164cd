"""The words printed on documents, by language, from the files shipped with the product (invoices/data/words)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "de", "fr", "es", "nl")


def document_language(code: str) -> str:
    """The language a document for this reader is written in: de for de-AT, English where there are no words."""
    language = code.partition("-")[0].lower()
    return language if language in LANGUAGES else "en"


@cache
def words_of(language: str) -> Mapping[str, str]:
    """Every word of one of LANGUAGES, by key."""
    path = files("invoices") / "data" / "words" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
