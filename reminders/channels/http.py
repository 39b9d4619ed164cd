"""One request over HTTP, told apart as channels need it: not begun, refused, taken, or nobody knows.

Redirects are not followed: what is meant for one address must not reach another.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from .base import ChannelDown, ChannelError, OutcomeUnknown

TIMEOUT = 20  # seconds, for each of connecting and answering
MOST_BYTES = 200_000  # of an answer
WRONG_SET_UP = {401, 403, 404, 405, 407}
COME_BACK = {408, 425, 503}
TOO_MANY = 429


class Answer(NamedTuple):
    status: int
    text: str


def ask(method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str]) -> Answer:
    """Raises ChannelDown when nothing was handed over, OutcomeUnknown when the answer did not come."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    line = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    try:
        try:
            line.connect()
        except OSError as exc:
            raise ChannelDown(f"{parts.hostname} cannot be reached: {exc}") from exc
        try:
            line.request(method, path, body=body or None, headers=dict(headers))
            answer = line.getresponse()
            return Answer(answer.status, answer.read(MOST_BYTES).decode("utf-8", "replace"))
        except (OSError, http.client.HTTPException) as exc:
            said = exc or type(exc).__name__
            raise OutcomeUnknown(f"{parts.hostname} fell silent while taking the message: {said}") from exc
    finally:
        line.close()


def check(answer: Answer, who: str) -> Answer:
    """The answer, when it is a yes; else the failure that its status stands for."""
    raise_for(answer.status, answer.text, who)
    return answer


def raise_for(status: int, said: str, who: str) -> None:
    """Nothing for 2xx. A broken gateway (500, 502, 504) may have taken the message: nobody knows."""
    text = f"{who} answered {status}: {' '.join(said.split())}"[:300]
    if 200 <= status < 300:
        return
    if status in WRONG_SET_UP or status == TOO_MANY or 300 <= status < 400:
        raise ChannelDown(text)
    if status in COME_BACK:
        raise ChannelError(text)
    if status >= 500:
        raise OutcomeUnknown(text)
    raise ChannelError(text, is_permanent=True)
