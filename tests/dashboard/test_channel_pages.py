"""The page of channels, the alarm on every page, and what a notice tells of its recipients."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse

from invoices.models import AuditEvent, Organisation
from reminders.models import Consent, DeliveryEvent, NoticePart
from reminders.services.alarm import raise_alarm
from tests.dashboard.dunning_world import World, a_world, as_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


def staff_of(group: str) -> Browser:
    user = get_user_model().objects.create(username=group.lower(), email=f"{group.lower()}@northwind.example")
    user.groups.add(Group.objects.get_or_create(name=group)[0])
    return as_user(user)


@pytest.fixture
def manager(world: World) -> Browser:
    return as_user(world.manager)


def test_page_says_what_is_set_up_and_what_is_not(manager: Browser, settings: Any) -> None:
    settings.SMS_URL = "https://user:secret-word@sms.example/send"
    page = manager.get(reverse("dashboard:channels")).content.decode()
    assert "sms.example" in page
    assert "secret-word" not in page
    assert "POST_URL" in page


def test_test_message_goes_to_oneself_and_is_recorded(manager: Browser, world: World) -> None:
    manager.post(reverse("dashboard:channel_test", args=["email"]))
    assert [message.to for message in mail.outbox] == [[world.manager.email]]
    assert AuditEvent.objects.filter(verb="channel_tested").count() == 1


@pytest.mark.parametrize("name", ["letter", "sms", "call", "nothing"])
def test_channel_without_a_test_says_why(manager: Browser, name: str) -> None:
    answer = manager.post(reverse("dashboard:channel_test", args=[name]), follow=True)
    assert answer.status_code == 200
    assert mail.outbox == []


def test_limit_of_an_hour_is_changed_and_nonsense_is_not(manager: Browser) -> None:
    assert manager.post(reverse("dashboard:channels"), {"hourly_send_limit": "200"}).status_code == 302
    assert manager.post(reverse("dashboard:channels"), {"hourly_send_limit": "0"}).status_code == 422
    assert Organisation.objects.get().hourly_send_limit == 200


def test_only_a_manager_sees_and_tests_channels(world: World) -> None:
    staff = staff_of("Collector")
    assert staff.get(reverse("dashboard:channels")).status_code == 403
    assert staff.post(reverse("dashboard:channel_test", args=["email"])).status_code == 403


def test_alarm_stands_on_every_page_with_a_button_for_a_manager(world: World, manager: Browser) -> None:
    raise_alarm("5001 messages left within an hour, and the limit is 5000.")
    for name in ("home", "clients", "notices"):
        page = manager.get(reverse(f"dashboard:{name}")).content.decode()
        assert "5001 messages left within an hour" in page
        assert "Let it go on" in page
    assert "Let it go on" not in staff_of("Collector").get(reverse("dashboard:clients")).content.decode()
    manager.post(reverse("dashboard:sending_start"))
    assert "within an hour" not in manager.get(reverse("dashboard:clients")).content.decode()


def test_notice_shows_each_recipient_and_asks_about_doubt(world: World) -> None:
    staff = staff_of("Collector")
    notice = world.unknown
    part = NoticePart.objects.create(
        notice=notice, channel="sms", recipient="+442079460018", status="unknown", body_text="Pay now"
    )
    DeliveryEvent.objects.create(
        provider="postmark", event_id="1", kind="opened", at="2026-03-10T09:00Z", recipient="a@b.example", notice=notice
    )
    page = staff.get(reverse("dashboard:notice", args=[notice.pk])).content.decode()
    assert "+442079460018" in page
    assert "Opened" in page
    settle = reverse("dashboard:notice_part_settle", args=[notice.pk, part.pk])
    assert staff.get(settle).status_code == 405
    assert staff_of("Read-only").post(settle, {"was_sent": "yes"}).status_code == 403
    staff.post(settle, {"was_sent": "yes"})
    part.refresh_from_db()
    assert part.status == "sent"


def test_agreement_to_texts_is_kept_with_who_said_so(world: World, manager: Browser) -> None:
    contact = world.slowco.contacts.get()
    given = {"name": "Ann Lee", "role": "accounts_payable", "email": contact.email, "phone": contact.phone}
    url = reverse("dashboard:contact_edit", args=[contact.pk])
    manager.post(url, {**given, "has_sms_consent": "on"})
    manager.post(url, given)
    kept = list(Consent.objects.order_by("pk").values_list("is_given", "how", "by__username"))
    assert kept == [(True, "By staff", "fay"), (False, "By staff", "fay")]
