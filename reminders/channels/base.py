"""What a channel is: it takes a message and delivers it, or says why not. To add one, see `channels/__init__.py`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol


class Attachment(NamedTuple):
    name: str
    content: bytes
    content_type: str = "application/pdf"


class Message(NamedTuple):
    """The words as they leave."""

    recipient: str
    subject: str
    text: str
    html: str
    message_id: str  # stable over attempts, so that a repeat can be recognised
    reply_to: str = ""
    sender_name: str = ""
    in_reply_to: str = ""  # the Message-ID that this answers
    attachments: tuple[Attachment, ...] = ()


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


class Channel(Protocol):
    def session(self) -> AbstractContextManager[None]:
        """Whatever is worth keeping open over a batch, such as a connection."""

    def send(self, message: Message) -> None:
        """Deliver `message`: silence is success. Raises ChannelError, ChannelDown or OutcomeUnknown."""
