"""A message before its names are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Texts(NamedTuple):
    """The parts of one message in one language. `version` 0 ships; higher ones were written by staff."""

    language: str
    subject: str
    opening: str
    closing: str = ""
    version: int = 0


Edited = Mapping[tuple[str, str], Texts]  # (key, channel) -> what staff wrote, in the language of the message
