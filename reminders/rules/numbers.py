"""Telephone numbers as networks write them."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat


def e164(text: str, country: str = "") -> str:
    """+442079460018, from any way of writing it; `country` where no + says it. Empty when it is no number."""
    try:
        number = phonenumbers.parse(text, country or None)
    except NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def ways_of_writing(number: str) -> list[str]:
    """The same number as people and imports tend to write it, for a look-up without an index of digits."""
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return [number]
    formats = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)
    written = [phonenumbers.format_number(parsed, one) for one in formats]
    return list(dict.fromkeys([number, *written, *(text.replace(" ", "") for text in written)]))
