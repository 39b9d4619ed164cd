"""A channel that takes every message at once and keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reminders.channels import Message


class NullChannel:
    def __init__(self) -> None:
        self.messages: list[Message] = []

    @contextmanager
    def session(self) -> Iterator[None]:
        yield

    def send(self, message: Message) -> None:
        self.messages.append(message)
