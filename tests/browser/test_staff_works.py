"""A day at the desk in a real browser, by keyboard. Any CSP violation or error in the console fails."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from collections_app.models import User
from reminders.models import CallOutcome, CallTask, Notice, OutgoingStatus, PromiseToPay
from reminders.services.calls import ask_for_call
from tests import builders
from tests.browser.conftest import OpenPage
from tests.dashboard.dunning_world import World, a_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long enough secret"


@pytest.fixture
def world(live_server: Any) -> World:
    cache.clear()
    world = a_world()
    world.manager.set_password(PASSWORD)
    world.manager.save(update_fields=["password"])
    return world


def log_in(page: Page, url: str, user: User) -> None:
    page.goto(url)
    page.get_by_label("Login").fill(user.username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")


@pytest.fixture
def desk(world: World, open_page: OpenPage, live_server: Any) -> Page:
    page = open_page(width=1440)
    log_in(page, f"{live_server.url}/", world.manager)
    return page


def heading(page: Page) -> Any:
    return page.get_by_role("heading", level=1)


def test_three_calls_are_worked_by_keyboard(world: World, desk: Page) -> None:
    newco, oldco = builders.a_client("NEWCO", name="Newco"), builders.a_client("OLDCO", name="Oldco")
    for client in (newco, oldco):
        builders.an_invoice(client, days_late=15, amount="300.00")
        ask_for_call(client, due_on=world.call.due_on, reason="Ring them", actor=world.manager)
    desk.keyboard.press("c")
    expect(heading(desk)).to_have_text("Slowco plc")
    desk.keyboard.press("1")
    desk.keyboard.press("Enter")
    expect(heading(desk)).to_have_text("Newco")
    desk.keyboard.press("5")
    expect(desk.get_by_label("Promised amount")).to_be_focused()
    desk.keyboard.type("250")
    desk.keyboard.press("Enter")
    expect(heading(desk)).to_have_text("Oldco")
    desk.keyboard.press("0")
    desk.keyboard.press("Enter")
    expect(heading(desk)).to_have_text("Calls")
    found = list(CallOutcome.objects.order_by("pk").values_list("client__name", "outcome"))
    assert found == [("Slowco plc", "no_answer"), ("Newco", "promised"), ("Oldco", "refused")]
    assert PromiseToPay.objects.get(client=newco).amount == 250


def test_letter_is_read_and_approved_by_keyboard(world: World, desk: Page) -> None:
    desk.keyboard.press("1")
    expect(heading(desk)).to_have_text("Approvals")
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    frame = desk.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_contain_text("Demand for payment")
    desk.keyboard.press("a")
    expect(desk.locator("main")).to_contain_text("No notice waits for approval")
    assert Notice.objects.get(pk=world.proposed.pk).status == OutgoingStatus.APPROVED


def test_notice_is_cancelled_with_a_reason_in_the_dialog(world: World, desk: Page, live_server: Any) -> None:
    desk.goto(f"{live_server.url}/notices/{world.proposed.pk}/")
    desk.keyboard.press("x")
    desk.get_by_role("dialog").get_by_label("Why").fill("Agreed by phone.")
    desk.get_by_role("button", name="Cancel the notice").click()
    expect(desk.get_by_role("status")).to_contain_text("cancelled")
    assert Notice.objects.get(pk=world.proposed.pk).error == "Agreed by phone."


def test_client_page_says_what_comes_next(world: World, desk: Page, live_server: Any) -> None:
    desk.get_by_role("link", name="Slowco plc").click()
    expect(heading(desk)).to_contain_text("Slowco plc")
    expect(desk.locator(".ladder")).to_contain_text("Formal demand")
    expect(desk.locator("main")).to_contain_text("under way")


def test_call_is_worked_without_script(world: World, open_page: OpenPage, live_server: Any) -> None:
    page = open_page(width=390, java_script_enabled=False)
    log_in(page, f"{live_server.url}/", world.manager)
    page.goto(f"{live_server.url}/calls/{world.call.pk}/")
    page.get_by_label("Refused").check()
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_role("status")).to_contain_text("refused")
    assert CallTask.objects.get(pk=world.call.pk).status == "done"


LISTS = ("worklist", "calls", "approvals", "notices", "letters", "promises", "blocks", "procedures", "runs")


def test_no_page_scrolls_sideways_on_a_phone(world: World, open_page: OpenPage, live_server: Any) -> None:
    page = open_page(width=390, height=844)
    log_in(page, f"{live_server.url}/", world.manager)
    wide = []
    pages = (f"calls/{world.call.pk}", f"notices/{world.proposed.pk}", f"clients/{world.slowco.pk}")
    for address in (*LISTS, *pages):
        page.goto(f"{live_server.url}/{address}/")
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            wide.append(address)
    assert wide == []
