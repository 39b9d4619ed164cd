"""The new part of a reply: without what it quotes, and without signatures of devices."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .phrases import QUOTE_FIELDS, QUOTE_HEADERS, QUOTE_SECOND, SIGNATURES

MOST = 20_000  # characters; more is no letter of a person
_quote = re.compile("|".join(QUOTE_HEADERS))
_signature = re.compile("|".join(SIGNATURES))
_field = re.compile(rf"\*?({'|'.join(QUOTE_FIELDS)}) ?:\*? ?.+")
_second = re.compile(rf"\*?({'|'.join(sorted(set(QUOTE_SECOND)))}|onderwerp|verzonden|aan) ?:\*? ?.*")
_dashes = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")


def new_part(text: str) -> str:
    """What the sender wrote himself. All of it where everything would be cut, such as answers between quoted lines."""
    lines = text[:MOST].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = []
    for number, line in enumerate(lines):
        if _begins_quote(lines, number) or _signature.fullmatch(line.strip().lower()):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.rstrip())
    found = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return found or text[:MOST].strip()


def _begins_quote(lines: Sequence[str], number: int) -> bool:
    line = lines[number].strip().lower().lstrip(">").strip()
    if _quote.fullmatch(line):
        return True
    after = lines[number + 1].strip().lower() if number + 1 < len(lines) else ""
    # "On Friday, 5 June 2026, somebody with a long name" / "<a@b.example> wrote:"
    if line.startswith(("on ", "am ", "le ", "el ", "op ")) and _quote.fullmatch(f"{line} {after}"):
        return True
    return bool(_field.fullmatch(line) and _second.fullmatch(after))


def without_cards(text: str) -> str:
    """The text with numbers of payment cards masked but for the last four digits (Luhn's check tells them apart)."""
    return _dashes.sub(_mask, text)


def _mask(found: re.Match[str]) -> str:
    digits = [int(d) for d in found[0] if d.isdigit()]
    return f"[card ending in {found[0].replace(' ', '').replace('-', '')[-4:]}]" if _is_card(digits) else found[0]


def _is_card(digits: Sequence[int]) -> bool:
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0 and digits[0] in (2, 3, 4, 5, 6)
