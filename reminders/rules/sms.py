"""How long a text message is, and what a person means who sends one back.

Sizes after 3GPP TS 23.038: 160 characters of the GSM alphabet (153 in each of several), else 70 of UCS-2 (67).
"""

from __future__ import annotations

from typing import NamedTuple

from .inbound.phrases import STOP_WORDS

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€\f")  # these take two places
MOST_SEGMENTS = 4  # each is paid for


class Size(NamedTuple):
    """`units` are septets of the GSM alphabet, or UTF-16 units where one character lies outside of it."""

    alphabet: str
    units: int
    segments: int


def measure(text: str) -> Size:
    """A split never cuts a character in two, which costs a place now and then: counted as the networks do."""
    is_gsm = all(char in GSM or char in GSM_TWICE for char in text)
    widths = [_width(char, is_gsm) for char in text]
    one, each = (160, 153) if is_gsm else (70, 67)
    units = sum(widths)
    return Size("GSM-7" if is_gsm else "UCS-2", units, 1 if units <= one else _split(widths, each))


def _width(char: str, is_gsm: bool) -> int:
    return 2 if (char in GSM_TWICE if is_gsm else ord(char) > 0xFFFF) else 1


def _split(widths: list[int], each: int) -> int:
    segments, used = 1, 0
    for width in widths:
        if used + width > each:
            segments, used = segments + 1, 0
        used += width
    return segments


def is_stop(text: str) -> bool:
    """STOP and its synonyms, when the message says nothing else."""
    return " ".join(text.lower().strip(" \t\r\n.!\"'«»").split()) in STOP_WORDS


CONFIRMATIONS = {
    "en": "{us}: you will get no more text messages from us. Your invoices are not affected.",
    "de": "{us}: Sie erhalten keine SMS mehr von uns. Ihre Rechnungen bleiben davon unberührt.",
    "fr": "{us} : vous ne recevrez plus de SMS de notre part. Vos factures restent inchangées.",
    "es": "{us}: ya no le enviaremos SMS. Sus facturas siguen vigentes.",
    "nl": "{us}: u ontvangt geen sms-berichten meer van ons. Uw facturen blijven gelden.",
}


def confirmation(language: str, us: str) -> str:
    """What STOP is answered with, once: who stops, and nothing else is asked."""
    return CONFIRMATIONS.get(language[:2], CONFIRMATIONS["en"]).format(us=us)
