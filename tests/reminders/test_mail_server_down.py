"""While the mail server is down, answers wait; what a mail itself got wrong is what uses up its attempts."""

from __future__ import annotations

import pytest
from django.utils.timezone import now

from invoices.models import Client
from reminders.channels import CHANNELS, ChannelDown, ChannelError, Message
from reminders.models import Acknowledgement
from reminders.services.acknowledging import MAX_ATTEMPTS, send_acknowledgements
from tests.builders import acme, an_organisation
from tests.fakes.null_channel import NullChannel

pytestmark = pytest.mark.django_db(transaction=True)


class Broken(NullChannel):
    """Raises what it is given, until it is mended."""

    failure: Exception | None = None
    tries = 0

    def send(self, message: Message) -> None:
        self.tries += 1
        if self.failure:
            raise self.failure
        super().send(message)


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Broken:
    channel = Broken()
    monkeypatch.setitem(CHANNELS, "email", channel)
    return channel


@pytest.fixture
def client() -> Client:
    an_organisation()
    return acme()


def a_mail(client: Client, n: int = 1) -> Acknowledgement:
    return Acknowledgement.objects.create(
        client=client, kind="new_link", once_key=f"new_link:{n}", recipient="a@b.example"
    )


def tick() -> int:
    Acknowledgement.objects.update(not_before_at=None)
    return send_acknowledgements()


def test_server_that_is_down_for_long_uses_up_no_attempt(client, channel):
    a_mail(client)
    channel.failure = ChannelDown("The mail server cannot be reached.")
    for _ in range(MAX_ATTEMPTS + 3):
        tick()
    row = Acknowledgement.objects.get()
    assert (row.status, row.attempts, row.error) == ("approved", 0, "The mail server cannot be reached.")
    assert row.not_before_at > now()
    channel.failure = None
    assert tick() == 1


def test_tick_ends_at_the_first_mail_while_the_server_is_down(client, channel):
    a_mail(client, 1)
    a_mail(client, 2)
    channel.failure = ChannelDown("The mail server cannot be reached.")
    tick()
    assert channel.tries == 1


def test_mail_that_is_refused_each_time_is_given_up(client, channel):
    a_mail(client)
    channel.failure = ChannelError("Mailbox busy.")
    for _ in range(MAX_ATTEMPTS):
        tick()
    row = Acknowledgement.objects.get()
    assert (row.status, row.attempts) == ("failed", MAX_ATTEMPTS)
