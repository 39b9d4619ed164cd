"""The ways out as they are set up, and a message to oneself: does this channel work?"""

from __future__ import annotations

import uuid
from typing import NamedTuple

from invoices.models import Organisation
from invoices.queries.organisation import organisation
from invoices.services.audit import Actor, record

from ..channels import CHANNELS, ChannelError, Message, OutcomeUnknown
from ..errors import DunningError
from ..models import Channel
from ..rules.numbers import e164

TESTED = (Channel.EMAIL, Channel.SMS, Channel.WEBHOOK)  # a letter would be printed and paid for


# What to set where a channel is not set up, and what happens meanwhile; README has the values.
SETTINGS = {"email": "EMAIL_URL", "sms": "SMS_URL", "letter": "POST_URL", "webhook": "NOTICE_WEBHOOK_URL"}
WITHOUT = {
    "letter": "Letters wait on the letters page, and are printed and posted by hand.",
    "sms": "Texts wait until it is set up; mails go out.",
    "webhook": "Levels that tell another system wait until it is set up.",
}


class WayOut(NamedTuple):
    """A channel as the settings page shows it. `test_to`: where a test message would go; empty when there is none."""

    name: str
    label: str
    through: str
    setting: str
    without: str
    test_to: str

    @property
    def is_set_up(self) -> bool:
        return bool(self.through)


def ways_out(user: Actor) -> list[WayOut]:
    found = []
    for name, channel in CHANNELS.items():
        through = channel.set_up_as()
        test_to = address_of(user, name) if name in TESTED and through else ""
        label = Channel(name).label
        found.append(WayOut(name, label, through, SETTINGS.get(name, ""), WITHOUT.get(name, ""), test_to))
    return found


def address_of(user: Actor, channel: str) -> str:
    """Where a test of this channel goes; empty when this person has no such address."""
    if channel == Channel.SMS:
        return e164(getattr(user, "phone", ""), organisation().country)
    return getattr(user, "email", "") if channel == Channel.EMAIL else CHANNELS[channel].set_up_as()


def send_test(channel: str, *, actor: Actor) -> str:
    """Returns where it went. Raises DunningError with what the provider said."""
    if channel not in TESTED:
        raise DunningError("This channel has no test message.")
    us, to = organisation(), address_of(actor, channel)
    if not to:
        missing = "mobile number" if channel == Channel.SMS else "address"
        raise DunningError(f"Nowhere to send it: your own {missing} is empty. A manager fills it in under Users.")
    text = f"This is a test message of {us.name}. If you can read it, this channel works."
    host = (us.email or "localhost").rpartition("@")[2]
    message = Message(to, f"Test message of {us.name}", text, "", f"<test-{uuid.uuid4()}@{host}>", us.email, us.name)
    try:
        with CHANNELS[channel].session():
            CHANNELS[channel].send(message._replace(data={"type": "test"}))
    except (ChannelError, OutcomeUnknown) as error:
        raise DunningError(f"It did not arrive: {error}") from error
    label = Channel(channel).label
    subject = us if us.name and Organisation.objects.filter(pk=1).exists() else None
    if subject:
        record("channel_tested", subject, actor=actor, text=f"Test message by {label.lower()} to {to}"[:300])
    return to
