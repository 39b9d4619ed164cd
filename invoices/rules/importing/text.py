"""Text cells: trimmed, leading zeros kept, and refused with a reason when they hold what no name or number holds."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from .records import Cell

_ORDINARY = re.compile(r"[A-Za-z0-9](?:[!-~]| (?! ))*(?<! )")
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_UNREADABLE = re.compile(r"[\ud800-\udfff\ufffd]")
_SPREADSHEET_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)")
_FORMULA_START = "=+-@"
_ZERO_WIDTH = str.maketrans(dict.fromkeys("\ufeff\u200b\u2060"))
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]+@(?:[^\s@<>()\[\],;:\"\\.]+\.)+[^\s@<>()\[\],;:\"\\.]{2,}")
SHOWN = 100  # characters of a value in a report


def as_text(cell: Cell) -> str:
    """A cell as a person sees it: a number without a trailing .0, a date year first."""
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    return cell.isoformat()[:10] if isinstance(cell, date) else cell


def clean(cell: Cell, limit: int) -> str:
    """The text of a cell, with blanks inside reduced to one. Raises ValueError with the reason."""
    raw = as_text(cell)
    if _ORDINARY.fullmatch(raw) and len(raw) <= limit:  # most cells by far
        return raw
    if len(raw) > limit * 4 + 200:  # before any work is spent on ten megabytes
        raise ValueError(f"is too long: {len(raw)} characters, at most {limit} fit.")
    if _CONTROL.search(raw):
        raise ValueError("contains a control character, which does not belong there.")
    if _UNREADABLE.search(raw):
        raise ValueError("contains bytes that cannot be read as text: save the file as UTF-8.")
    text = unicodedata.normalize("NFC", _SPACE.sub(" ", raw.translate(_ZERO_WIDTH))).strip()
    # Our own exports put ' before what a spreadsheet would run as a formula.
    if text[:1] == "'" and text[1:2] and text[1] in _FORMULA_START:
        text = text[1:]
    if len(text) > limit:
        raise ValueError(f"is too long: {len(text)} characters, at most {limit} fit.")
    if _SPREADSHEET_ERROR.fullmatch(text):
        raise ValueError("is a spreadsheet's error, not a value.")
    return text


def clean_email(cell: Cell) -> str:
    """A mail address, of several (parted by ; or ,) the first. Raises ValueError with the reason."""
    text = clean(cell, 500)
    first = re.split(r"[;,]\s*", text)[0].strip()
    if match := re.fullmatch(r".*<(.+)>", first):
        first = match[1]
    if not _EMAIL.fullmatch(first) or len(first) > 254:
        raise ValueError("is not a mail address.")
    return first


def shown(cell: Cell) -> str:
    """A cell for a report: short, printable, safe in a terminal and in JSON."""
    text = as_text(cell)
    text = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
