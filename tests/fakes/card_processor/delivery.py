"""Webhooks of the fake processor: signed by the real package, posted at once or held for the test to play with."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import stripe

Send = Callable[[bytes, str], int]


class Delivery:
    """Events wait in `held` until `deliver`; with `is_automatic` each is posted from a thread as it happens.

    What the receiver does not answer with 2xx goes back to `held`. `answers` keeps (event type, status) of every post,
    0 for no connection.
    """

    def __init__(self, webhook_secret: str) -> None:
        self.url = ""
        self.webhook_secret = webhook_secret
        self.is_automatic = False
        self.held: list[dict[str, Any]] = []
        self.answers: list[tuple[str, int]] = []
        self._threads: list[threading.Thread] = []

    def emit(self, event: dict[str, Any]) -> None:
        if not self.is_automatic:
            self.held.append(event)
            return
        thread = threading.Thread(target=self._send, args=(event, self.post), daemon=True)
        self._threads.append(thread)
        thread.start()

    def deliver(
        self, mode: str = "in_order", *, send: Send | None = None, is_parallel: bool = False, seed: int = 0
    ) -> list[int]:
        """Posts what is held: in_order, reverse, shuffle, double (everything twice) or lose (nothing). Gives statuses.

        `send(body, signature) -> status` replaces the post over HTTP, e.g. by Django's test client.
        """
        events, self.held = self.held, []
        order = {
            "in_order": lambda: events,
            "reverse": lambda: events[::-1],
            "shuffle": lambda: random.Random(seed).sample(events, len(events)),
            "double": lambda: [event for event in events for _ in range(2)],
            "lose": list,
        }[mode]()
        with ThreadPoolExecutor(max_workers=5 if is_parallel else 1) as pool:
            if is_parallel:
                return list(pool.map(lambda event: self._send(event, send or self.post), order))
        return [self._send(event, send or self.post) for event in order]

    def wait(self, seconds: float = 10) -> None:
        """Until every automatic post has its answer."""
        for thread in self._threads:
            thread.join(seconds)
        self._threads = []

    def signed(self, event: dict[str, Any]) -> tuple[bytes, str]:
        """The body and the Stripe-Signature header."""
        body = json.dumps(event)
        return body.encode(), stripe.WebhookSignature.generate_signature_header(body, self.webhook_secret)

    def post(self, body: bytes, signature: str) -> int:
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        try:
            with urlopen(Request(self.url, body, headers), timeout=20) as answer:
                return int(answer.status)
        except HTTPError as error:
            error.close()
            return error.code
        except (URLError, OSError):
            return 0

    def _send(self, event: dict[str, Any], send: Send) -> int:
        status = send(*self.signed(event))
        self.answers.append((event["type"], status))
        if not 200 <= status < 300:
            self.held.append(event)
        return status
