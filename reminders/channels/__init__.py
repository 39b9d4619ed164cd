"""The ways to reach a client that touch the outside world. To add one: write a module, add a line here.

Calls and decisions are rows that the dunning run makes; a letter is printed from the letters page.
"""

from .base import Attachment, Channel, ChannelDown, ChannelError, Message, OutcomeUnknown
from .email import EmailChannel

CHANNELS: dict[str, Channel] = {"email": EmailChannel()}

__all__ = ["CHANNELS", "Attachment", "Channel", "ChannelDown", "ChannelError", "Message", "OutcomeUnknown"]
