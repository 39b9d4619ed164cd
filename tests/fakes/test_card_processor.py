"""The fake processor itself: webhooks in every order, keys, refusals. More of it is in test_cards_gateway."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

from tests.fakes.card_processor import FakeCardProcessor

LINE = {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 500, "product_data": {"name": "Invoice"}}}
SESSION = {"mode": "payment", "line_items": [LINE], "success_url": "https://shop.example/"}


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        stripe.WebhookSignature.verify_header(body, self.headers["Stripe-Signature"], FakeCardProcessor.webhook_secret)
        self.server.bodies.append(body)
        self.send_response(self.server.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def receiver():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.bodies, server.answer = [], 200
    server.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def fake(receiver):
    with FakeCardProcessor(webhook_url=receiver.url) as fake:
        yield fake


@pytest.fixture
def client(fake):
    stripe.enable_telemetry = False  # else it writes into the home directory
    return stripe.StripeClient(fake.secret_key, base_addresses={"api": fake.base_url}).v1


def a_paid_session(fake, client):
    session = client.checkout.sessions.create(SESSION)
    fake.bank.pay(session.id)
    return session


@pytest.mark.parametrize(
    ("mode", "types"),
    [
        ("in_order", ["payment_intent.succeeded", "checkout.session.completed"]),
        ("reverse", ["checkout.session.completed", "payment_intent.succeeded"]),
        ("double", ["payment_intent.succeeded"] * 2 + ["checkout.session.completed"] * 2),
        ("lose", []),
    ],
)
def test_held_events_are_delivered_as_the_test_wants(fake, client, mode, types):
    a_paid_session(fake, client)
    fake.deliver(mode)
    assert [kind for kind, _ in fake.webhooks.answers] == types
    assert fake.webhooks.held == []


def test_shuffled_events_all_arrive(fake, client, receiver):
    for _ in range(3):
        a_paid_session(fake, client)
    fake.deliver("shuffle", seed=4)
    assert sorted(kind for kind, _ in fake.webhooks.answers) == sorted(event["type"] for event in fake.events)
    assert [kind for kind, _ in fake.webhooks.answers] != [event["type"] for event in fake.events]


def test_events_can_arrive_at_once(fake, client, receiver):
    a_paid_session(fake, client)
    assert fake.deliver("double", is_parallel=True) == [200] * 4


def test_automatic_events_arrive_by_themselves(fake, client, receiver):
    fake.webhooks.is_automatic = True
    a_paid_session(fake, client)
    fake.webhooks.wait()
    assert len(receiver.bodies) == 2


def test_refused_event_is_held_again(fake, client, receiver):
    receiver.answer = 500
    a_paid_session(fake, client)
    assert fake.deliver() == [500, 500]
    assert len(fake.webhooks.held) == 2


def test_event_tells_how_it_was_then_and_not_how_it_is_now(fake, client):
    a_paid_session(fake, client)
    fake.bank.refund(fake.sessions[0]["id"], amount=100)
    fake.bank.refund(fake.sessions[0]["id"], amount=100)
    told = [event["data"]["object"]["amount_refunded"] for event in fake.events if event["type"] == "charge.refunded"]
    assert told == [100, 200]


@pytest.mark.parametrize(
    "changes",
    [
        {"payment_method_types": ["card"]},
        {"ui_mode": "hosted"},
        {"locale": "xx"},
        {"mode": "setup"},
        {"line_items": []},
        {"line_items": [LINE | {"price_data": LINE["price_data"] | {"unit_amount": 12.5}}]},
        {"line_items": [LINE | {"price_data": LINE["price_data"] | {"unit_amount": 1}}]},
        {"line_items": [LINE | {"price_data": LINE["price_data"] | {"currency": "EUR"}}]},
        {"line_items": [LINE | {"price_data": {"unit_amount": 500}}]},
        {"line_items": [LINE | {"colour": "blue"}]},
        {"expires_at": 1},
        {"customer": "cus_1", "customer_email": "a@b.example"},
        {"metadata": {"list": "x" * 501}},
        {"success_url": ""},
        {"expand": ["nothing"]},
    ],
    ids=str,
)
def test_what_stripe_refuses_is_refused(client, changes):
    with pytest.raises(stripe.InvalidRequestError):
        client.checkout.sessions.create(SESSION | changes)


def test_same_key_repeats_the_answer_also_when_the_world_moved_on(fake, client):
    first = client.checkout.sessions.create(SESSION, {"idempotency_key": "k"})
    fake.bank.pay(first.id)
    second = client.checkout.sessions.create(SESSION, {"idempotency_key": "k"})
    assert (second.id, second.status) == (first.id, "open")


def test_refused_request_does_not_use_up_its_key(client):
    with pytest.raises(stripe.InvalidRequestError):
        client.checkout.sessions.create(SESSION | {"locale": "xx"}, {"idempotency_key": "k"})
    assert client.checkout.sessions.create(SESSION, {"idempotency_key": "k"}).status == "open"


def test_refund_over_http_shows_on_the_charge(fake, client):
    session = a_paid_session(fake, client)
    intent_id = client.checkout.sessions.retrieve(session.id).payment_intent
    refund = client.refunds.create({"payment_intent": intent_id, "amount": 200, "reason": "duplicate"})
    assert client.charges.retrieve(refund.charge).amount_refunded == 200
    assert client.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]}).latest_charge.id == refund.charge


def test_more_than_was_paid_cannot_be_refunded(fake, client):
    session = a_paid_session(fake, client)
    charge_id = fake.bank.charge_of(session.id)["id"]
    with pytest.raises(stripe.InvalidRequestError, match="greater than"):
        client.refunds.create({"charge": charge_id, "amount": 501})


def test_customer_is_made(client):
    assert client.customers.create({"name": "Acme", "email": "ann@acme.example"}).id.startswith("cus_")
