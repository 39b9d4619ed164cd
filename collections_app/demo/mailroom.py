"""The mail of the demo's history: it goes nowhere, and now and then goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reminders.channels import CHANNELS, ChannelError, Message, OutcomeUnknown

BOUNCE, LOSE = "bounce", "lose"


class Mailroom:
    """A channel that delivers to nobody. `trouble` holds what happens to the next mails."""

    def __init__(self) -> None:
        self.trouble: list[str] = []
        self.delivered = 0

    @contextmanager
    def session(self) -> Iterator[None]:
        yield

    def send(self, message: Message) -> None:
        if self.trouble:
            if self.trouble.pop(0) == LOSE:
                raise OutcomeUnknown("The mail server fell silent while taking the mail: connection reset by peer")
            raise ChannelError(
                f"Mail to {message.recipient} was refused: 550 5.1.1 No such user here", is_permanent=True
            )
        self.delivered += 1


@contextmanager
def mail_goes_nowhere() -> Iterator[Mailroom]:
    """Put a mailroom in the place of the mail channel for as long as the block lasts."""
    real, room = CHANNELS["email"], Mailroom()
    CHANNELS["email"] = room
    try:
        yield room
    finally:
        CHANNELS["email"] = real
