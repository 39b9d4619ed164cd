"""The ways to reach a client that touch the outside world. To add one: write a module, add a line here.

Calls and decisions are rows that the dunning run makes; a letter without a post provider is printed from the letters
page.
"""

from .base import Attachment, Channel, ChannelDown, ChannelError, Message, OutcomeUnknown
from .email import EmailChannel
from .post import PostChannel
from .sms import SmsChannel
from .webhook import WebhookChannel

CHANNELS: dict[str, Channel] = {
    "email": EmailChannel(),
    "sms": SmsChannel(),
    "letter": PostChannel(),
    "webhook": WebhookChannel(),
}

__all__ = ["CHANNELS", "Attachment", "Channel", "ChannelDown", "ChannelError", "Message", "OutcomeUnknown"]
