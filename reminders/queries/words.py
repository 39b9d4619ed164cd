"""The texts that staff wrote in place of shipped ones."""

from __future__ import annotations

from ..models import MessageTemplate
from ..rules.texts import Edited, Texts
from ..shipped import written_in


def edited_texts(language: str) -> Edited:
    """Those that hold now in the language that a reader of `language` is written to, by key and channel."""
    rows = MessageTemplate.objects.filter(is_active=True, language=written_in(language))
    return {(row.key, row.channel): as_texts(row) for row in rows}


def as_texts(row: MessageTemplate) -> Texts:
    return Texts(row.language, row.subject, row.opening, row.closing, row.version)


def edited_versions() -> dict[tuple[str, str, str], int]:
    """The active version of each message that staff wrote, by key, channel and language."""
    rows = MessageTemplate.objects.filter(is_active=True)
    return {
        (key, channel, language): version
        for key, channel, language, version in rows.values_list("key", "channel", "language", "version")
    }
