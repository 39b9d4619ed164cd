"""What a channel is: it takes a message and delivers it, or says why not. To add one, see `channels/__init__.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple


class Attachment(NamedTuple):
    name: str
    content: bytes
    content_type: str = "application/pdf"


class Message(NamedTuple):
    """The words as they leave. `recipient` is an address of the channel's kind: mail, number, or a name on a letter."""

    recipient: str
    subject: str
    text: str
    html: str
    message_id: str  # stable over attempts, so that a repeat can be recognised
    reply_to: str = ""
    sender_name: str = ""
    in_reply_to: str = ""  # the Message-ID that this answers
    attachments: tuple[Attachment, ...] = ()
    data: Mapping[str, object] = {}  # the same for programs


class ChannelError(Exception):
    """Not delivered, for certain. `is_permanent`: trying again is of no use; `is_address_bad`: for any message.

    The text is shown to finance staff.
    """

    def __init__(self, text: str, *, is_permanent: bool = False, is_address_bad: bool = False) -> None:
        super().__init__(text)
        self.is_permanent = is_permanent
        self.is_address_bad = is_address_bad


class ChannelDown(ChannelError):
    """The channel itself does not work (unreachable, wrong password, sender refused). The message is not to blame."""


class OutcomeUnknown(Exception):
    """The connection was lost after the words were handed over: it may have been delivered, or not."""


class Channel:
    """One way out. `send` is all that a new one has to have."""

    def send(self, message: Message) -> str | None:
        """Deliver `message`; returns the provider's name for it, where it gives one.

        Raises ChannelError, ChannelDown or OutcomeUnknown; anything else counts as OutcomeUnknown.
        """
        raise NotImplementedError

    def set_up_as(self) -> str:
        """What it sends through, for the settings page, without secrets; empty while nothing is set up."""
        return "built in"

    @contextmanager
    def session(self) -> Iterator[None]:
        """Whatever is worth keeping open over a batch, such as a connection."""
        yield
