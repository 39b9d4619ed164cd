"""Each channel against a provider on real sockets: what leaves, and what its failures mean."""

from __future__ import annotations

import hashlib
import hmac
import io
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from reminders.channels import CHANNELS, Attachment, ChannelDown, ChannelError, Message, OutcomeUnknown
from reminders.channels import http as channel_http
from tests.fakes.provider import (
    ACCEPT_THEN_SILENT,
    BUSY,
    DROP,
    REFUSE,
    Provider,
    as_postmark,
    postmark_settings,
    running_provider,
)

pytestmark = pytest.mark.once
MESSAGE = Message("+442079460018", "Invoice", 'Pay "now", £5 & more', "", "<notice-7@northwind.example>")
MAIL = MESSAGE._replace(recipient="ap@slowco.example", html="<p>Pay</p>", sender_name="Northwind")


@pytest.fixture
def sms(settings: Any) -> Iterator[Provider]:
    with running_provider() as provider:
        settings.SMS_URL = provider.url.replace("http://", "http://user:secret@") + "/send"
        settings.SMS_SENDER = "Northwind"
        yield provider


@pytest.fixture
def postmark(settings: Any) -> Iterator[Provider]:
    with running_provider(as_postmark) as provider:
        for name, value in postmark_settings(provider).items():
            setattr(settings, name, value)
        yield provider


def pdf(pages: int = 1) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    writer.write(out)
    return out.getvalue()


# fault or status -> what the channel says of it
FAILURES = [
    (REFUSE, ChannelError, True),
    (BUSY, ChannelError, False),
    (ACCEPT_THEN_SILENT, OutcomeUnknown, None),
    (DROP, OutcomeUnknown, None),
    (302, ChannelDown, None),
    (401, ChannelDown, None),
    (404, ChannelDown, None),
    (429, ChannelDown, None),
    (500, OutcomeUnknown, None),
    (504, OutcomeUnknown, None),
]


@pytest.mark.parametrize(("failure", "raised", "is_permanent"), FAILURES)
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_failure_of_a_provider_is_told_apart(request, channel, failure, raised, is_permanent):
    provider = request.getfixturevalue("sms" if channel == "sms" else "postmark")
    if isinstance(failure, int):
        provider.status = failure
    else:
        provider.fault = lambda asked: failure
    with pytest.raises(raised) as caught:
        CHANNELS[channel].send(MESSAGE if channel == "sms" else MAIL)
    assert type(caught.value) is raised
    if is_permanent is not None:
        assert caught.value.is_permanent is is_permanent
    assert len(provider.requests) == 1, "no second try by itself, and no redirect followed"


@pytest.mark.parametrize("channel", ["sms", "email", "webhook"])
def test_unreachable_provider_takes_nothing(settings, channel):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
    settings.SMS_URL = settings.NOTICE_WEBHOOK_URL = nowhere
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "t", "POSTMARK_API_URL": nowhere}
    with pytest.raises(ChannelDown, match="cannot be reached"):
        CHANNELS[channel].send(MAIL if channel == "email" else MESSAGE)


def test_mail_leaves_through_a_provider_and_keeps_its_name(postmark):
    assert CHANNELS["email"].send(MAIL) == "pm-1"
    sent = postmark.taken[0].json
    assert (sent["To"], sent["Subject"], sent["HtmlBody"]) == ("ap@slowco.example", "Invoice", "<p>Pay</p>")
    assert {"Name": "Message-ID", "Value": MAIL.message_id} in sent["Headers"]


def test_text_leaves_as_json_with_the_password(sms):
    assert CHANNELS["sms"].send(MESSAGE) == "m1"
    request = sms.taken[0]
    assert request.json == {"to": "+442079460018", "from": "Northwind", "text": MESSAGE.text, "id": "notice-7"}
    assert request.headers["Authorization"] == "Basic dXNlcjpzZWNyZXQ="


def test_text_leaves_as_a_form_or_in_the_address(sms, settings):
    settings.SMS_BODY = "number=<to>&message=<text>"
    CHANNELS["sms"].send(MESSAGE)
    assert sms.taken[0].form == {"number": "+442079460018", "message": MESSAGE.text}
    settings.SMS_METHOD = "GET"
    CHANNELS["sms"].send(MESSAGE)
    assert sms.taken[1].path.startswith("/send?number=%2B442079460018&message=Pay%20%22now")


def test_provider_that_says_no_in_a_yes_is_believed(sms, settings):
    settings.SMS_SUCCESS = r'"status":\s*"queued"'
    with pytest.raises(ChannelError, match="refused"):
        CHANNELS["sms"].send(MESSAGE)
    sms.answer = lambda request, n: {"status": "queued", "message_id": "x-9"}
    assert CHANNELS["sms"].send(MESSAGE) == "x-9"


def test_text_that_would_cost_many_messages_is_not_sent(sms):
    with pytest.raises(ChannelError, match="shorten it"):
        CHANNELS["sms"].send(MESSAGE._replace(text="x" * 700))
    assert sms.requests == []


def test_nothing_set_up_is_a_channel_that_is_down(settings):
    settings.SMS_URL = settings.NOTICE_WEBHOOK_URL = settings.POST_URL = ""
    for name in ("sms", "webhook", "letter"):
        with pytest.raises(ChannelDown, match="is empty"):
            CHANNELS[name].send(MESSAGE)
        assert CHANNELS[name].set_up_as() == ""


# --- Twilio, through its own library


@pytest.fixture
def twilio(settings: Any) -> Iterator[Provider]:
    with running_provider(lambda request, n: {"sid": f"SM{n}", "status": "queued"}) as provider:
        settings.SMS_URL = f"twilio://AC1:token@+441632960001?api={provider.url}"
        settings.SMS_SENDER = ""
        yield provider


def test_twilio_sends_and_names_the_message(twilio):
    assert CHANNELS["sms"].send(MESSAGE) == "SM1"
    request = twilio.taken[0]
    assert request.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert request.form == {"To": "+442079460018", "From": "+441632960001", "Body": MESSAGE.text}


@pytest.mark.parametrize(("fault", "raised"), [(ACCEPT_THEN_SILENT, OutcomeUnknown), (REFUSE, ChannelError)])
def test_twilio_failures(twilio, fault, raised):
    twilio.fault = lambda request: fault
    with pytest.raises(raised):
        CHANNELS["sms"].send(MESSAGE)
    assert len(twilio.requests) == 1


# --- another system


def test_other_system_gets_a_signed_body(settings):
    with running_provider() as provider:
        settings.NOTICE_WEBHOOK_URL, settings.NOTICE_WEBHOOK_SECRET = f"{provider.url}/hook", "s" * 20
        CHANNELS["webhook"].send(MESSAGE._replace(data={"type": "notice"}))
    request = provider.taken[0]
    assert request.json["id"] == "notice-7"
    at, _, given = request.headers["X-Signature"].partition(",v1=")
    expected = hmac.new(b"s" * 20, at.removeprefix("t=").encode() + b"." + request.body, hashlib.sha256).hexdigest()
    assert given == expected


def test_other_system_that_falls_silent_is_told_again_under_the_same_id(settings):
    with running_provider() as provider:
        settings.NOTICE_WEBHOOK_URL = provider.url
        provider.fault = lambda request: ACCEPT_THEN_SILENT
        with pytest.raises(ChannelError) as caught:
            CHANNELS["webhook"].send(MESSAGE)
    assert not caught.value.is_permanent


# --- letters


class Pingen:
    """The answers of the post provider, step by step."""

    def __init__(self) -> None:
        self.url = ""

    def __call__(self, request: Any, n: int) -> Any:
        if request.path.endswith("/access-tokens"):
            return {"access_token": "abc", "expires_in": 43200}
        if request.path == "/file-upload":
            return {"data": {"attributes": {"url": f"{self.url}/bucket/1", "url_signature": "$2y$10"}}}
        return {"data": {"id": "letter-1", "attributes": {"status": "validating"}}}


@pytest.fixture
def pingen(settings: Any) -> Iterator[Provider]:
    answers = Pingen()
    with running_provider(answers) as provider:
        answers.url = provider.url
        settings.POST_URL = f"pingen://id:secret@org-1?api={provider.url}&identity={provider.url}"
        yield provider


LETTER = MESSAGE._replace(attachments=(Attachment("demand.pdf", pdf(1)), Attachment("INV-1.pdf", pdf(2))))


def test_letter_goes_to_the_post_provider_as_one_pdf(pingen):
    assert CHANNELS["letter"].send(LETTER) == "letter-1"
    token, place, file, letter = pingen.taken
    assert token.form["client_id"] == "id"
    assert place.headers["Authorization"] == "Bearer abc"
    assert (file.method, len(PdfReader(io.BytesIO(file.body)).pages)) == ("PUT", 3)
    assert letter.path == "/organisations/org-1/letters"
    assert letter.headers["Idempotency-Key"] == "notice-7"
    attributes = letter.json["data"]["attributes"]
    assert (attributes["file_url_signature"], attributes["auto_send"]) == ("$2y$10", True)


def test_letter_that_may_have_been_ordered_is_not_ordered_again(pingen):
    pingen.fault = lambda request: ACCEPT_THEN_SILENT if "organisations" in request.path else ""
    with pytest.raises(OutcomeUnknown):
        CHANNELS["letter"].send(LETTER)


def test_letter_whose_file_did_not_arrive_was_not_ordered(pingen):
    pingen.fault = lambda request: DROP if request.method == "PUT" else ""
    with pytest.raises(ChannelError):
        CHANNELS["letter"].send(LETTER)


def test_answer_of_any_length_is_cut(sms):
    sms.answer = lambda request, n: {"id": "m1", "more": "x" * (2 * channel_http.MOST_BYTES)}
    assert CHANNELS["sms"].send(MESSAGE) == "m1"
