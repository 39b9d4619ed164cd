"""Pages of placements and partners, the ways on from a decision, and taking a call back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils.timezone import localdate

from reminders.models import CallTask, Notice, Partner, Placement, Task, TaskKind
from reminders.services.placements import NewPlacement, place, save_partner
from reminders.services.tasks import make_task
from tests import builders
from tests.dashboard.dunning_world import World, a_notice, a_world, as_user

pytestmark = pytest.mark.django_db

FIELDS = {"name": "Hunter & Co", "kind": "agency", "email": "desk@hunter.example", "phone": "", "note": ""}


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def staff(world: World) -> Browser:
    return as_user(world.manager)


@pytest.fixture
def agency(world: World) -> Partner:
    given = {**FIELDS, "commission_percent": Decimal(10), "is_active": True}
    return save_partner(None, given, actor=world.manager)


@pytest.fixture
def final(world: World) -> Notice:
    """The demand became a final notice, was posted, and its deadline is over."""
    level = world.procedure.levels.get(position=2)
    level.kind = "final"
    level.save(update_fields=["kind"])
    Notice.objects.filter(pk=world.proposed.pk).update(status="cancelled")
    world.proposed.lines.update(is_live=False)
    sent_on = localdate() - timedelta(days=15)
    return a_notice(
        world.late, world.procedure, 2, status="sent", sent_on=sent_on, reached_on=sent_on,
        deadline_on=localdate() - timedelta(days=1),
    )  # fmt: skip


@pytest.fixture
def placement(world: World, agency: Partner, final: Notice) -> Placement:
    return place(world.slowco.pk, NewPlacement(agency.pk, [world.late.pk]), actor=world.manager)


def open_page(browser: Browser, name: str, *args: Any) -> Any:
    return browser.get(reverse(f"dashboard:{name}", args=args))


def post(browser: Browser, page: str, *args: Any, **data: Any) -> Any:
    return browser.post(reverse(f"dashboard:{page}", args=args), data, follow=True)


def test_pages_of_a_placement_open(staff: Browser, placement: Placement) -> None:
    for name, args in (
        ("placements", ()), ("partners", ()), ("partner_new", ()), ("partner_edit", (placement.partner_id,)),
        ("placement", (placement.pk,)), ("placement_new", (placement.client_id,)),
    ):  # fmt: skip
        answer = open_page(staff, name, *args)
        assert answer.status_code == 200, name
        assert b"{#" not in answer.content


def test_page_says_what_is_missing_before_a_claim_may_go(staff: Browser, world: World, agency: Partner) -> None:
    answer = open_page(staff, "placement_new", world.slowco.pk)
    assert f"{world.late.number}: no final notice has been sent." in answer.content.decode()
    given = {"partner": agency.pk, "items": [world.late.pk]}
    refused = post(staff, "placement_new", world.slowco.pk, **given)
    assert refused.status_code == 422
    assert not Placement.objects.exists()


def test_ready_items_are_ticked_and_handed_over(staff: Browser, world: World, agency: Partner, final: Notice) -> None:
    shown = open_page(staff, "placement_new", world.slowco.pk)
    assert shown.context["form"].initial["items"] == [world.late.pk]
    answer = post(staff, "placement_new", world.slowco.pk, partner=agency.pk, items=[world.late.pk], reference="H-1")
    assert "Placed with Hunter" in answer.content.decode()
    assert Placement.objects.get().items.get().amount == 1000


def test_files_are_downloads(staff: Browser, placement: Placement) -> None:
    for name, kind in (
        ("placement_items", "text/csv"),
        ("placement_report", "text/csv"),
        ("placement_pack", "application/pdf"),
    ):
        answer = open_page(staff, name, placement.pk)
        assert answer["Content-Type"].startswith(kind)
        assert "attachment" in answer["Content-Disposition"]


def test_recall_asks_why(staff: Browser, placement: Placement) -> None:
    assert post(staff, "placement_recall", placement.pk, reason="").status_code == 422
    post(staff, "placement_recall", placement.pk, reason="They pay us")
    placement.refresh_from_db()
    assert (placement.status, placement.end_reason) == ("recalled", "They pay us")


@pytest.mark.parametrize("name", ["placement_recall", "placement_close"])
def test_get_ends_no_placement(staff: Browser, placement: Placement, name: str) -> None:
    assert open_page(staff, name, placement.pk).status_code == 405


def test_only_a_manager_hands_over(world: World, placement: Placement) -> None:
    cora = as_user(builders._staff("cora", "Cora", "Collector"))
    for name in ("placement_recall", "placement_close"):
        assert post(cora, name, placement.pk, reason="x").status_code == 403
    assert open_page(cora, "placement_new", world.slowco.pk).status_code == 403
    assert open_page(cora, "partner_new").status_code == 403
    assert open_page(as_user(builders.ray()), "placement_pack", placement.pk).status_code == 403


def test_partner_is_added_and_changed(staff: Browser, world: World) -> None:
    post(staff, "partner_new", **FIELDS, commission_percent="12.5", is_active="on")
    partner = Partner.objects.get()
    assert (partner.commission_percent, partner.is_active) == (Decimal("12.5"), True)
    assert post(staff, "partner_new", **FIELDS, commission_percent="1").status_code == 422
    post(staff, "partner_edit", partner.pk, **{**FIELDS, "name": "Hunter Ltd"}, commission_percent="9")
    partner.refresh_from_db()
    assert (partner.name, partner.is_active) == ("Hunter Ltd", False)


def test_decision_leads_to_every_way_on(staff: Browser, world: World) -> None:
    task = make_task(world.slowco.pk, TaskKind.DECIDE, due_on=localdate())
    text = open_page(staff, "task", task.pk).content.decode()
    for address in (
        "place/?kind=agency",
        "place/?kind=lawyer",
        "place/?kind=mediator",
        "plan/",
        "settlement/",
        "write-off/",
    ):
        assert address in text
    answer = post(staff, "task_wait", task.pk, until=localdate().isoformat(), reason="New owner")
    assert "silent until" in answer.content.decode()
    assert Task.objects.get(pk=task.pk).outcome.endswith("New owner")


def test_wait_without_a_reason_keeps_what_was_typed(staff: Browser, world: World) -> None:
    task = make_task(world.slowco.pk, TaskKind.DECIDE, due_on=localdate())
    answer = post(staff, "task_wait", task.pk, until=localdate().isoformat(), reason="")
    assert answer.status_code == 422
    assert localdate().isoformat() in answer.content.decode()


def test_call_is_taken_back_from_the_next_page(staff: Browser, world: World) -> None:
    answer = post(staff, "call", world.call.pk, outcome="insolvent", attempts_seen=0, note="Closed")
    assert "Undo" in answer.content.decode()
    outcome = world.call.outcomes.get()
    answer = post(staff, "call_undo", outcome.pk)
    assert "is taken back" in answer.content.decode()
    assert CallTask.objects.get(pk=world.call.pk).status == "open"
    assert open_page(staff, "call_undo", outcome.pk).status_code == 405


@pytest.mark.parametrize(
    ("outcome", "given", "words"),
    [
        ("hardship", {"review_on": ""}, "looked at again"),
        ("needs_copy", {}, "Choose the invoice, or tick"),
        ("call_back", {"call_back_on": ""}, "Enter the day of the call."),
    ],
)
def test_outcome_names_what_it_lacks(staff: Browser, world: World, outcome: str, given: Any, words: str) -> None:
    answer = post(staff, "call", world.call.pk, outcome=outcome, attempts_seen=0, **given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
