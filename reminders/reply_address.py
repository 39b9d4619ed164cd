"""The address that an answer comes back to: it names the mail it answers, and nobody can guess another one.

`REPLY_ADDRESS` holds the place of the token, as in accounts+{token}@example.com; without it answers go to our plain
address, and are matched by Message-ID and sender.
"""

from __future__ import annotations

import base64
import re
from typing import NamedTuple

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "reminders.reply"
TOKEN = re.compile(r"(?P<kind>[na])(?P<pk>\d{1,18})-(?P<seal>[a-z2-7]{16})")


class Answered(NamedTuple):
    """`kind` n: a notice, a: an acknowledgement."""

    kind: str
    pk: int


def reply_address(kind: str, pk: int) -> str:
    """Empty where no such address is set up. Lower case only: some servers change the case of addresses."""
    if not settings.REPLY_ADDRESS:
        return ""
    return settings.REPLY_ADDRESS.format(token=f"{kind}{pk}-{_seal(kind, pk, settings.SECRET_KEY)}")


def answered_by(addresses: list[str]) -> Answered | None:
    """What the first genuine address of ours among these answers. Survives key rotation."""
    if not settings.REPLY_ADDRESS:
        return None
    before, _, after = settings.REPLY_ADDRESS.lower().partition("{token}")
    for address in addresses:
        text = address.strip().lower()
        if text.startswith(before) and text.endswith(after):
            found = TOKEN.fullmatch(text[len(before) : len(text) - len(after)])
            if found and _is_genuine(found["kind"], int(found["pk"]), found["seal"]):
                return Answered(found["kind"], int(found["pk"]))
    return None


def _is_genuine(kind: str, pk: int, seal: str) -> bool:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(_seal(kind, pk, key), seal) for key in keys)


def _seal(kind: str, pk: int, key: str) -> str:
    digest = salted_hmac(SALT, f"{kind}{pk}", secret=key, algorithm="sha256").digest()
    return base64.b32encode(digest)[:16].decode().lower()
