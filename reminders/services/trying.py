"""A message to oneself: does this channel work?"""

from __future__ import annotations

import uuid

from invoices.models import Organisation
from invoices.queries.organisation import organisation
from invoices.services.audit import Actor, record

from ..channels import CHANNELS, ChannelError, Message, OutcomeUnknown
from ..errors import DunningError
from ..models import Channel
from ..rules.numbers import e164

TESTED = (Channel.EMAIL, Channel.SMS, Channel.WEBHOOK)  # a letter would be printed and paid for


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
