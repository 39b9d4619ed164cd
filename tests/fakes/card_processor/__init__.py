"""A small Stripe of our own, over HTTP, for tests: `with FakeCardProcessor() as fake` or the fixture `card_processor`.

The only seam is the setting STRIPE_API_BASE. See ledger.py for what it remembers, bank.py for what payers and banks do,
delivery.py for webhooks, server.py for routes and faults, params.py for how requests are judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import pytest

from tests.fakes.card_processor.bank import Bank
from tests.fakes.card_processor.delivery import Delivery, Send
from tests.fakes.card_processor.ledger import Ledger, Record
from tests.fakes.card_processor.server import FAULTS, Fault, serve

__all__ = ["FakeCardProcessor", "card_processor"]


class FakeCardProcessor:
    """`bank` acts for payers and banks, `webhooks` delivers, `fault` breaks the next requests.

    `requests` lists (method, path, body) of all that came in, repeats included.
    """

    secret_key = "sk_test_fake"
    webhook_secret = "whsec_fake"

    def __init__(self, *, webhook_url: str = "", is_automatic: bool = False) -> None:
        self.requests: list[tuple[str, str, str]] = []
        self.answers_by_key: dict[str, tuple[tuple[str, str], int, Record]] = {}
        self._faults: list[Fault] = []
        self.webhooks = Delivery(self.webhook_secret)
        self.webhooks.url, self.webhooks.is_automatic = webhook_url, is_automatic
        self.ledger = Ledger("", self.webhooks.emit)
        self.bank = Bank(self.ledger)

    def __enter__(self) -> Self:
        self._server = serve(self)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self.ledger.base_url = self.base_url
        return self

    def __exit__(self, *error: object) -> None:
        self.webhooks.wait()
        self._server.shutdown()
        self._server.server_close()

    @property
    def sessions(self) -> list[Record]:
        """In the order in which they were made."""
        return self.ledger.of_kind("checkout.session")

    @property
    def events(self) -> list[Record]:
        return self.ledger.events

    def deliver(self, mode: str = "in_order", *, send: Send | None = None, **how: Any) -> list[int]:
        return self.webhooks.deliver(mode, send=send, **how)

    def expire(self, session_id: str) -> Record:
        """Its time is over."""
        return self.ledger.expire_session(session_id)

    def fault(self, kind: str, *, path: str = "", times: int = 1, seconds: float = 0) -> None:
        """drop_before, drop_after (the work), error_before, error_after (500), busy (429) or delay (seconds).

        Mind that the gateway repeats a lost request once: two faults make it give up.
        """
        assert kind in FAULTS, f"{kind} is none of {', '.join(FAULTS)}."
        self._faults.append(Fault(kind, path, times, seconds))

    def next_fault(self, path: str) -> Fault | None:
        with self.ledger.lock:
            for fault in self._faults:
                if fault.times and fault.path in path:
                    fault.times -= 1
                    return fault
        return None


@pytest.fixture
def card_processor(settings: Any) -> Iterator[FakeCardProcessor]:
    """The fake, with the settings pointing to it; webhooks are held until `deliver`."""
    with FakeCardProcessor() as fake:
        settings.STRIPE_SECRET_KEY = fake.secret_key
        settings.STRIPE_API_BASE = fake.base_url
        settings.STRIPE_WEBHOOK_SECRETS = [fake.webhook_secret]
        yield fake
