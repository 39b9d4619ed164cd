"""A channel that takes every message at once and keeps it."""

from __future__ import annotations

from reminders.channels import Channel, Message


class NullChannel(Channel):
    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, message: Message) -> None:
        self.messages.append(message)
