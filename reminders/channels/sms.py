"""Text messages. SMS_URL names the provider: twilio://, or the address of any that takes a request over HTTP."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from ..rules.sms import MOST_SEGMENTS, measure
from .base import Channel, ChannelDown, ChannelError, Message

# scheme -> what sends; loaded when it is used, since a provider's library is an extra
PROVIDERS = {
    "twilio": "reminders.channels.sms_twilio.send",
    "https": "reminders.channels.sms_http.send",
    "http": "reminders.channels.sms_http.send",
}


class SmsChannel(Channel):
    def send(self, message: Message) -> str | None:
        if not settings.SMS_URL:
            raise ChannelDown("No provider for text messages is set up: SMS_URL is empty.")
        size = measure(message.text)
        if size.segments > MOST_SEGMENTS:
            text = f"The text is {size.units} characters long and would go as {size.segments} messages."
            raise ChannelError(f"{text} At most {MOST_SEGMENTS} are sent; shorten it.", is_permanent=True)
        try:
            provider = import_string(PROVIDERS[urlsplit(settings.SMS_URL).scheme])
        except ImportError as exc:
            raise ChannelDown(f"The provider's library is not installed: {exc}.") from exc
        sent: str | None = provider(message)
        return sent

    def set_up_as(self) -> str:
        if not settings.SMS_URL:
            return ""
        parts = urlsplit(settings.SMS_URL)
        return "Twilio" if parts.scheme == "twilio" else f"{parts.hostname}"
