"""Every page of the ledger: who may open it, and what it costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import builders
from tests.dashboard.ledger_world import World, a_world, an_invoice, browser_of

pytestmark = pytest.mark.django_db

READING = {
    "clients": "",
    "client": "slowco",
    "client_timeline": "slowco",
    "invoices": "",
    "invoice": "overdue",
    "receipts": "",
    "receipt": "receipt",
    "disputes": "",
    "dispute": "dispute",
    "requests": "",
    "feedback": "",
    "ageing": "",
    "ageing_items": "",
    "terms": "",
    "audit": "",
}
WRITING = {
    "client_new": "",
    "client_edit": "slowco",
    "contact_new": "slowco",
    "promise_new": "slowco",
    "block_new": "slowco",
    "dispute_new": "slowco",
    "invoice_new": "",
    "invoice_edit": "draft",
    "invoice_issue": "draft",
    "receipt_new": "",
    "imports": "",
    "terms_new": "",
    "terms_edit": "terms",
    "settings": "",
    "users": "",
    "user_new": "",
    "user_edit": "fay",
}
POSTING = {
    "note_new": "slowco",
    "invoice_preview": "",
    "invoice_void": "overdue",
    "receipt_suggestion": "",
    "receipt_allocate": "receipt",
    "receipt_reverse": "receipt",
    "dispute_close": "dispute",
    "import_commit": "",
}
# Beyond the frame (session, user, group, navigation): the rows, and choices of filters or prefetched groups. A number
# that grows is a page that got slow.
# Clients and users read their totals or groups beside the rows, terms the parts of split ones.
LIST_QUERIES = {"clients": 2, "invoices": 1, "receipts": 1, "disputes": 1, "terms": 2, "users": 2, "audit": 1}


@pytest.fixture
def world() -> World:
    return a_world()


def address(world: World, name: str, subject: str) -> str:
    return reverse(f"dashboard:{name}", args=[getattr(world, subject).pk] if subject else [])


@pytest.mark.parametrize(("name", "subject"), [*READING.items(), *WRITING.items()])
def test_manager_opens_page(world: World, name: str, subject: str) -> None:
    answer = browser_of(world.fay).get(address(world, name, subject))
    assert answer.status_code == 200
    assert b"{#" not in answer.content  # a template comment over two lines is shown to people


@pytest.mark.parametrize(("name", "subject"), [*READING.items(), *WRITING.items(), *POSTING.items()])
def test_stranger_is_sent_to_the_login(world: World, name: str, subject: str) -> None:
    answer = Browser().get(address(world, name, subject))
    assert answer.status_code == 302
    assert "login" in answer["Location"]


@pytest.mark.parametrize(("name", "subject"), READING.items())
def test_read_only_staff_opens_reading_page(world: World, name: str, subject: str) -> None:
    assert browser_of(builders.ray()).get(address(world, name, subject)).status_code == 200


@pytest.mark.parametrize(("name", "subject"), WRITING.items())
def test_read_only_staff_may_not_open_writing_page(world: World, name: str, subject: str) -> None:
    assert browser_of(builders.ray()).get(address(world, name, subject)).status_code == 403


@pytest.mark.parametrize(("name", "subject"), [*WRITING.items(), *POSTING.items()])
def test_read_only_staff_may_not_post(world: World, name: str, subject: str) -> None:
    assert browser_of(builders.ray()).post(address(world, name, subject)).status_code == 403


@pytest.mark.parametrize(("name", "subject"), [(n, s) for n, s in {**READING, **WRITING}.items() if s])
def test_what_is_not_there_is_not_found(world: World, name: str, subject: str) -> None:
    assert browser_of(world.fay).get(reverse(f"dashboard:{name}", args=[10**9])).status_code == 404


@pytest.mark.parametrize(("name", "expected"), LIST_QUERIES.items())
def test_list_costs_its_pinned_number_of_queries(world: World, name: str, expected: int) -> None:
    frame = queries(world, reverse("dashboard:user_new"))
    assert queries(world, reverse(f"dashboard:{name}")) - frame == expected


@pytest.mark.parametrize("name", ["client", "invoice", "receipt", "ageing"])
def test_page_costs_the_same_with_more_rows(world: World, name: str) -> None:
    where = address(world, name, READING[name])
    before = queries(world, where)
    for _ in range(5):
        an_invoice(world.slowco, "100", days_late=20, actor=world.fay)
    assert queries(world, where) == before


@pytest.mark.parametrize("name", ["invoice_void", "receipt_reverse", "receipt_allocate", "note_new", "import_commit"])
def test_nothing_is_done_by_opening_an_address(world: World, name: str) -> None:
    assert browser_of(world.fay).get(address(world, name, POSTING[name])).status_code == 405


def queries(world: World, where: str) -> int:
    browser: Any = browser_of(world.fay)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(where).status_code == 200
    return len(seen)
