"""Webhooks of mail and text providers: believed only when signed."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from typing import Any

import pytest
from django.test import Client as Browser

from invoices.models import Contact
from reminders.models import DeliveryEvent, Inbound, Notice
from reminders.services.dispatch import send_notices
from reminders.services.dunning_run import dunning_run
from tests.builders import a_procedure, an_invoice, an_organisation, follow, slowco

pytestmark = pytest.mark.django_db
SECRET = "postmark:a-long-password"
BASIC = "Basic " + b64encode(SECRET.encode()).decode()
BOUNCE = {
    "RecordType": "Bounce",
    "Type": "HardBounce",
    "ID": 42,
    "MessageID": "pm-1",
    "Email": "ap@slowco.example",
    "BouncedAt": "2026-03-10T09:30:00Z",
    "Description": "The server was unable to deliver your message",
}


@pytest.fixture
def sent(settings: Any, mailoutbox: Any, time_machine: Any) -> Notice:
    time_machine.move_to("2026-03-10 09:00:00+00:00", tick=False)
    settings.MAIL_PROVIDER, settings.WEBHOOK_SECRET = "postmark", SECRET
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}
    an_organisation()
    client = follow(slowco(country="GB"), a_procedure())
    today = an_invoice(client, days_late=1).due_on.replace(day=10)
    dunning_run(today)
    send_notices(today)
    Notice.objects.update(provider_id="pm-1")
    return Notice.objects.get()


def post(path: str, body: Any, **headers: str) -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    browser = Browser(enforce_csrf_checks=True)
    return browser.post(path, data, content_type="application/json", headers=headers).status_code


def state() -> str:
    return Contact.objects.get().email_state


def test_bounce_suspends_the_address_once(sent):
    assert [post("/api/mail/postmark", BOUNCE, Authorization=BASIC) for _ in range(3)] == [200] * 3
    assert (state(), DeliveryEvent.objects.count()) == ("bounced", 1)


def test_soft_bounce_is_kept_and_changes_nothing(sent):
    assert post("/api/mail/postmark", {**BOUNCE, "Type": "SoftBounce"}, Authorization=BASIC) == 200
    assert (state(), DeliveryEvent.objects.get().kind) == ("ok", "deferred")


def test_delivery_is_kept_on_the_notice(sent):
    told = {"RecordType": "Delivery", "MessageID": "pm-1", "Recipient": "ap@slowco.example"}
    assert post("/api/mail/postmark", {**told, "DeliveredAt": "2026-03-10T09:05:00Z"}, Authorization=BASIC) == 200
    assert Notice.objects.get().delivered_at is not None


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/mail/postmark", {}),
        ("/api/mail/postmark", {"Authorization": "Basic " + b64encode(b"postmark:wrong").decode()}),
        ("/api/mail/sendgrid", {"Authorization": BASIC}),
        ("/api/mail/nobody", {"Authorization": BASIC}),
    ],
)
def test_forged_bounce_changes_nothing(sent, path, headers):
    assert post(path, BOUNCE, **headers) == 400
    assert (state(), DeliveryEvent.objects.count()) == ("ok", 0)


def test_webhook_without_any_password_set_is_closed(sent, settings):
    settings.WEBHOOK_SECRET, settings.ANYMAIL = "", {}
    assert post("/api/mail/postmark", BOUNCE) == 400
    assert state() == "ok"


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"7", b'"x"', b"{}", b"\xff", b'{"RecordType": 7}', b"null"])
def test_rubbish_gets_an_answer(sent, body):
    assert post("/api/mail/postmark", body, Authorization=BASIC) in (200, 400)
    assert post("/api/sms/in", body, Authorization=BASIC) == 400
    assert state() == "ok"


# --- texts


def test_text_comes_in_with_the_password(sent):
    Contact.objects.update(has_sms_consent=True)
    stop = {"id": "9", "from": "+442079460018", "text": "STOP"}
    assert post("/api/sms/in", stop) == 400
    assert post("/api/sms/in", stop, Authorization=BASIC) == 200
    assert not Contact.objects.get().has_sms_consent
    odd = {"id": "10\x00", "from": "+442079460018", "text": "\ud800 and \x00"}
    assert post("/api/sms/in", odd, Authorization=BASIC) == 200
    assert Inbound.objects.count() == 2


def twilio_signature(url: str, fields: dict[str, str]) -> str:
    """As https://www.twilio.com/docs/usage/security says, written anew."""
    text = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return b64encode(hmac.new(b"token", text.encode(), hashlib.sha1).digest()).decode()


def test_twilio_is_known_by_its_signature(sent, settings):
    settings.SMS_URL = "twilio://AC1:token@+441632960001"
    fields = {"MessageSid": "SM1", "From": "+442079460018", "To": "+441632960001", "Body": "Hello"}
    good = twilio_signature(settings.SITE_URL + "/api/sms/twilio", fields)
    for signature, status in (("", 400), ("rubbish", 400), (good, 200)):
        answer = Browser().post("/api/sms/twilio", fields, headers={"X-Twilio-Signature": signature})
        assert answer.status_code == status
    assert Inbound.objects.get().text == "Hello"


def test_number_that_does_not_exist_is_used_no_more(sent, settings):
    Notice.objects.update(channel="sms", recipient="+442079460018", provider_id="SM7")
    dead = {"id": "SM7", "to": "+442079460018", "status": "undelivered", "error": "30005"}
    assert post("/api/sms/in", dead, Authorization=BASIC) == 200
    assert Contact.objects.get().is_phone_dead
