"""A client pays in a real browser, at the fake card processor and on the test page. Any CSP violation fails."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from invoices.models import Organisation, Payment
from reminders.links import portal_token
from tests.browser.conftest import WATCH, OpenPage
from tests.fakes.card_processor import card_processor  # noqa: F401
from tests.invoices.payment_stories import a_client, an_invoice, an_organisation, open_amounts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(open_page: OpenPage) -> Page:
    return open_page(width=390, height=844)


@pytest.fixture
def acme(live_server: Any) -> Any:
    an_organisation()
    return a_client()


@pytest.fixture
def door(live_server: Any, acme: Any) -> str:
    return f"{live_server.url}/p/{portal_token(acme.contacts.get())}/"


def no_sideways_scrolling(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_client_pays_at_checkout_and_sees_it_at_once(
    phone: Page,
    acme: Any,
    door: str,
    settings: Any,
    card_processor: Any,  # noqa: F811
) -> None:
    policy = deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"].append(card_processor.base_url)  # stands for checkout.stripe.com
    settings.CONTENT_SECURITY_POLICY = policy
    invoice = an_invoice(acme, "100.00")
    phone.goto(door)
    no_sideways_scrolling(phone)
    phone.get_by_role("button", name="Pay 100.00 EUR").click()
    phone.get_by_role("button", name="Pay with a bad card").click()
    phone.get_by_role("button", name="Pay", exact=True).click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("arrived")
    assert open_amounts(invoice) == [0]
    phone.get_by_role("link", name="Back to your account").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("You owe nothing")


def test_client_tries_everything_on_the_test_page(phone: Page, acme: Any, door: str) -> None:
    old, new = an_invoice(acme, "100.00", days_late=40), an_invoice(acme, "50.00", days_late=-5)
    phone.goto(door)
    phone.get_by_label(new.number).check()
    phone.get_by_text("Pay only a part").click()
    phone.get_by_label("Amount in EUR").fill("120.00")
    phone.get_by_role("button", name="Pay what is ticked").click()
    expect(phone.locator("main")).to_contain_text("Test payment page – no money moves.")
    no_sideways_scrolling(phone)
    phone.get_by_role("button", name="Try with a card that is declined").click()
    expect(phone.get_by_role("alert")).to_contain_text("declined")
    phone.get_by_role("button", name="Pay 120.00 EUR").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("120.00 EUR arrived")
    assert open_amounts(old, new) == [0, 30]
    assert Payment.objects.get().is_test


def test_client_complains_without_script(open_page: OpenPage, acme: Any, door: str) -> None:
    an_invoice(acme, "100.00")
    page = open_page(width=390, java_script_enabled=False)
    page.goto(door)
    page.get_by_role("link", name="There is a problem").click()
    page.get_by_label("Tell us more").fill("Agreed at 60.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("We are looking into invoice")
    expect(page.locator("main")).to_contain_text("Problems you told us about")


def test_planted_inline_script_is_noticed(chromium: Browser, live_server: Any, door: str) -> None:
    """The guard of all tests here, tried on a violation."""
    said: list[str] = []
    page = chromium.new_page()
    page.add_init_script(WATCH)
    page.on("console", lambda message: said.append(message.text))
    page.goto(door)
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: 'alert(1)'}))")
    page.wait_for_timeout(200)
    page.close()
    assert any("CSP violated: script-src" in text for text in said)


@pytest.mark.parametrize("path", ["", "paid/", "promise/", "paid-already/"])
def test_page_keeps_to_the_content_security_policy(
    phone: Page, acme: Any, door: str, path: str, live_server: Any
) -> None:
    an_invoice(acme, "100.00")
    Organisation.objects.update(phone="+49 30 1")
    phone.goto(door)
    phone.goto(f"{live_server.url}/p/{path}")
    no_sideways_scrolling(phone)
    expect(phone.locator("main")).to_be_visible()
