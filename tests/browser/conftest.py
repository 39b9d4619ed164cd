"""A real Chromium, and a page that fails its test on any error in the console, CSP violations included.

Own fixtures instead of pytest-playwright's: the loop behind Playwright's synchronous interface ends with the module,
so that Django's guard against queries beside a loop (DJANGO_ALLOW_ASYNC_UNSAFE) is off in browser tests only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.conftest import CHROMIUM

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
WATCH = """
document.addEventListener("securitypolicyviolation", event => console.error(
  "CSP violated: " + event.violatedDirective + " " + event.blockedURI
));
"""

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(chromium: Browser, live_server: Any, settings: Any) -> Iterator[OpenPage]:
    """`open_page(width=390, **context)` gives a page of its own context; what it says in the console fails the test."""
    settings.SITE_URL = live_server.url
    said: list[str] = []
    contexts = []

    def listen(message: ConsoleMessage) -> None:
        is_ours = "CSP" in message.text or message.location["url"].startswith(live_server.url)
        if message.type == "error" and is_ours:
            said.append(message.text)

    def make(width: int = 1280, height: int = 900, **context: Any) -> Page:
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, **context))
        page = contexts[-1].new_page()
        page.add_init_script(WATCH)
        page.on("console", listen)
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert said == []
