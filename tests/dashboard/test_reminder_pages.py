"""Every page of dunning: who may open it, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import builders
from tests.dashboard.dunning_world import World, a_notice, a_world, as_user

pytestmark = pytest.mark.django_db

READING = {
    "home": "",
    "worklist": "",
    "task": "task",
    "calls": "",
    "approvals": "",
    "notices": "",
    "notice": "proposed",
    "notice_html": "proposed",
    "letters": "",
    "promises": "",
    "blocks": "",
    "procedures": "",
    "procedure": "procedure",
    "procedure_preview": "procedure",
    "runs": "",
    "run": "run",
}
WORKING = {"call": "call"}
CONFIGURING = {
    "procedure_new": "",
    "procedure_edit": "procedure",
    "level_new": "procedure",
    "level_edit": "level",
    "client_pin": "slowco",
}
POSTING = {
    "notice_approve": "proposed",
    "notice_settle": "unknown",
    "letters_prepare": "",
    "level_remove": "level",
    "procedure_activate": "procedure",
    "procedure_deactivate": "procedure",
    "procedure_default": "procedure",
    "run_start": "",
    "sending_start": "",
}
FORBIDDEN = {
    "Read-only": [*WORKING, *CONFIGURING, *POSTING, "notice_cancel", "task_close", "sending_stop", "letters_batch"],
    "Collector": [*CONFIGURING, "notice_approve", "notice_cancel", "run_start", "sending_stop", "sending_start"],
}
SUBJECTS = {**READING, **WORKING, **CONFIGURING, **POSTING, "notice_cancel": "proposed", "task_close": "task"}
# Beyond the frame (session, user, group, queues): rows, choices of filters, prefetched lines and contacts.
LIST_QUERIES = {"worklist": 2, "calls": 3, "approvals": 4, "notices": 3, "letters": 2, "promises": 1, "blocks": 1}


@pytest.fixture(autouse=True)
def fresh_figures() -> None:
    cache.clear()


@pytest.fixture
def world() -> World:
    return a_world()


def address(world: World, name: str) -> str:
    subject = SUBJECTS.get(name, "")
    return reverse(f"dashboard:{name}", args=[getattr(world, subject).pk] if subject else [])


@pytest.mark.parametrize("name", [*READING, *WORKING, *CONFIGURING])
def test_manager_opens_page(world: World, name: str) -> None:
    answer = as_user(world.manager).get(address(world, name))
    assert answer.status_code == 200
    assert b"{#" not in answer.content  # a template comment over two lines is shown to people


@pytest.mark.parametrize("name", READING)
def test_reader_opens_page(world: World, name: str) -> None:
    assert as_user(builders.ray()).get(address(world, name)).status_code == 200


@pytest.mark.parametrize(("group", "name"), [(g, name) for g, names in FORBIDDEN.items() for name in names])
def test_page_is_closed_to_group(world: World, group: str, name: str) -> None:
    user = builders.ray() if group == "Read-only" else builders._staff("cora", "Cora", "Collector")
    assert as_user(user).post(address(world, name)).status_code == 403


@pytest.mark.parametrize("name", [*READING, *WORKING, *CONFIGURING])
def test_page_asks_strangers_to_log_in(world: World, name: str) -> None:
    answer = Browser().get(address(world, name))
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]


@pytest.mark.parametrize("name", POSTING)
def test_get_changes_nothing(world: World, name: str) -> None:
    before = snapshot()
    assert as_user(world.manager).get(address(world, name)).status_code == 405
    assert snapshot() == before


def snapshot() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, id FROM reminders_notice ORDER BY id")
        return cursor.fetchall()


@pytest.mark.parametrize(("name", "queries"), LIST_QUERIES.items())
def test_list_costs_the_same_for_many_rows(world: World, name: str, queries: int) -> None:
    for number in range(5):
        client = builders.follow(builders.a_client(), world.procedure)
        a_notice(builders.an_invoice(client, days_late=20 + number), world.procedure, 2)
    browser = as_user(world.manager)
    with CaptureQueriesContext(connection) as found:
        browser.get(address(world, name))
    frame = 4
    assert len(found) - frame == queries


def test_home_costs_little_while_figures_are_kept(world: World) -> None:
    browser = as_user(world.manager)
    browser.get("/")
    with CaptureQueriesContext(connection) as found:
        browser.get("/")
    assert len(found) == 4


def test_missing_notice_is_404(world: World) -> None:
    assert as_user(world.manager).get(reverse("dashboard:notice", args=[999_999])).status_code == 404


def test_frame_of_a_mail_may_run_nothing(world: World) -> None:
    answer = as_user(world.manager).get(reverse("dashboard:notice_html", args=[world.proposed.pk]))
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
